// The steps of a transaction, as the server carries them out.

import ArchiveCore
import MongoDriver

/// One step: made by the asking task, carried out on a thread of the driver.
enum StepOnServer: Sendable {
  /// Documents of one collection that were inserted one behind the other go together.
  case insert([BSONDocument], into: String)
  case update(UpdateOnServer, mustMatch: Bool)
  case delete(String, where: BSONDocument)
  case expect(String, where: BSONDocument)

  func carryOut(_ connection: borrowing MongoConnection) throws(StoreFailure) {
    switch self {
    case .insert(let documents, let collection):
      let outcome = try driver { () throws(MongoError) in
        try connection.insert(documents, into: collection)
      }
      if let failure = outcome.failure { throw .driver(failure) }
    case .update(let update, let mustMatch):
      let outcome = try update.carryOut(inTransaction: connection)
      if mustMatch && outcome.matchedCount == 0 { throw Self.unexpected(update.update.collection) }
    case .delete(let collection, let filter):
      _ = try driver { () throws(MongoError) in try connection.delete(collection, where: filter) }
    case .expect(let collection, let filter): try Self.expect(collection, filter, connection)
    }
  }

  /// A transaction of MongoDB sees one moment, but nothing keeps others from changing what it has only read. So
  /// the document that is expected is written to: whoever changes it at the same time, or expects it as
  /// well, is in conflict with this transaction, and one of the two is done again.
  private static func expect(
    _ collection: String, _ filter: BSONDocument, _ connection: borrowing MongoConnection
  ) throws(StoreFailure) {
    let outcome = try driver { () throws(MongoError) in
      try connection.update(
        collection, where: filter, ["$inc": .document([StoredNames.touches: .int64(1)])])
    }
    if outcome.matchedCount == 0 {
      throw .decided(
        StoreError(
          .conflict, "no document is as a transaction expects collection=`\(collection)`"))
    }
  }

  private static func unexpected(_ collection: CollectionName) -> StoreFailure {
    .decided(
      StoreError(.conflict, "no document is as a transaction expects collection=`\(collection)`"))
  }
}

extension [StepOnServer] {
  /// Adds a step; an insertion behind one into the same collection shares its round trip.
  mutating func add(_ step: StepOnServer) {
    if case .insert(let more, let collection) = step,
      case .insert(let documents, let last)? = last, last == collection, documents.count < 1000
    {
      self[count - 1] = .insert(documents + more, into: collection)
    } else {
      append(step)
    }
  }
}
