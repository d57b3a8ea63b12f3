// What MongoDB's errors mean at the port.

import ArchiveCore
import MongoDriver

/// Why work on a connection stopped: the driver failed, or the store has decided.
enum StoreFailure: Error {
  case driver(MongoError)
  case decided(StoreError)

  var storeError: StoreError {
    switch self {
    case .driver(let error): error.storeError
    case .decided(let error): error
    }
  }
}

extension MongoError {
  /// The same for a user of the port.
  var storeError: StoreError {
    switch kind {
    case .duplicateKey:
      StoreError(.conflict, "a unique index forbids it", index: storedIndex)
    case .invalid, .documentTooLarge:
      StoreError(.invalid, "MongoDB does not take it", hint: hint, cause: self)
    case .unauthorized:
      StoreError(
        .refused, "MongoDB does not allow it", hint: hint ?? "look at the user and its roles",
        cause: self)
    case .refused, .notFound:
      StoreError(.refused, "MongoDB does not do it", hint: hint, cause: self)
    case .changeStreamHistoryLost:
      StoreError(
        .refused, "the changes since that position are gone",
        hint: "read the collection and start anew", cause: self)
    case .busy:
      StoreError(
        .unavailable, "too much waits for MongoDB", hint: hint ?? "try again in a moment",
        cause: self)
    case .unknownOutcome:
      StoreError(
        .unavailable, "it is unknown whether MongoDB has done it", hint: hint, cause: self)
    case .unreachable, .timedOut, .transient, .notPrimary, .cursorLost, .serverFailed, .badAnswer,
      .cancelled, .closed:
      StoreError(.unavailable, "MongoDB cannot do it now", hint: hint, cause: self)
    }
  }

  /// The name that the schema gave the index.
  var storedIndex: String? { index == "_id_" ? "id" : index }
}

/// Runs an operation of the driver among decisions of the store.
func driver<Value>(_ body: () throws(MongoError) -> Value) throws(StoreFailure) -> Value {
  do throws(MongoError) {
    return try body()
  } catch {
    throw .driver(error)
  }
}

/// Runs a decision of the store among operations of the driver.
func decision<Value>(_ body: () throws(StoreError) -> Value) throws(StoreFailure) -> Value {
  do throws(StoreError) {
    return try body()
  } catch {
    throw .decided(error)
  }
}
