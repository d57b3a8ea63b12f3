// The server that the environment names, and the suite of all tests that need it.

import Dispatch
import Foundation
import Glibc
import Logging
import MongoDriver
import Synchronization
import Testing

/// All tests on a real server, one after another: fail points and pauses are for everybody who is connected.
@Suite(
  .serialized,
  .enabled(if: TestServer.uri != nil, "ARCHIVE_TEST_MONGO_URI names no MongoDB server"),
  .timeLimit(.minutes(3)))
struct MongoServerTests {}

/// What the environment says of the server.
enum TestServer {
  private static let environment = ProcessInfo.processInfo.environment
  static let uri = environment["ARCHIVE_TEST_MONGO_URI"]
  /// Whether `configureFailPoint` works there.
  static let hasFaults = uri != nil && environment["ARCHIVE_TEST_MONGO_FAULTS"] == "1"
  /// The process of the server, if it may be paused.
  static let process = environment["ARCHIVE_TEST_MONGO_PID"].flatMap { pid_t($0) }
  /// The program, for tests that start another one.
  static let program = environment["ARCHIVE_TEST_MONGOD"]
  static let faultsMissing: Comment = "ARCHIVE_TEST_MONGO_FAULTS is not 1"

  static func settings(database: String) -> MongoSettings {
    var settings = MongoSettings(uri: MongoURI(uri ?? ""), database: database)
    // Fail points are for the client of this name only.
    settings.applicationName = database
    return settings
  }
}

/// A client with a database of its own, which is dropped at the end.
func withClient(
  _ change: (inout MongoSettings) -> Void = { _ in },
  _ body: (MongoClient) async throws -> Void
) async throws {
  var settings = TestServer.settings(database: "driver-\(UInt64.random(in: 0...UInt64.max))")
  change(&settings)
  let client = try MongoClient(
    settings, logger: quietLogger)
  do {
    try await body(client)
  } catch {
    try await end(client)
    throw error
  }
  try await end(client)
}

private func end(_ client: MongoClient) async throws {
  do {
    try await client.clearFaults()
    _ = try await client.command(["dropDatabase": 1])
  } catch let error as MongoError where error.kind == .closed {
    // The test closed it.
  }
  await client.close()
}

extension MongoClient {
  func command(_ command: BSONDocument, on database: String? = nil) async throws -> BSONDocument {
    try await run { (connection) throws(MongoError) in
      try connection.run(command, on: database)
    }
  }

  /// Inserts, and expects that all are in.
  func fill(_ collection: String, _ documents: [BSONDocument]) async throws {
    let outcome = try await run { (connection) throws(MongoError) in
      try connection.insert(documents, into: collection)
    }
    #expect(outcome.insertedCount == documents.count)
    #expect(outcome.failure == nil)
  }

  func count(_ collection: String, _ filter: BSONDocument = [:]) async throws -> Int {
    try await run { (connection) throws(MongoError) in
      try connection.count(collection, where: filter)
    }
  }

  func find(_ query: MongoQuery) async throws -> [BSONDocument] {
    try await run { (connection) throws(MongoError) in try connection.find(query) }
  }

  /// Makes the server fail commands of one client.
  func setFault(
    _ commands: [String], of application: String, times: Int, _ data: BSONDocument
  ) async throws {
    let more = try data.elements()
    let fault = BSONDocument { writer in
      writer.append("configureFailPoint", "failCommand")
      writer.document("mode") { $0.append("times", Int32(times)) }
      writer.document("data") { inner in
        inner.append("failCommands", .array(commands.map { .string($0) }))
        inner.append("appName", application)
        for (name, value) in more { inner.append(name, value) }
      }
    }
    _ = try await command(fault, on: "admin")
  }

  func clearFaults() async throws {
    guard TestServer.hasFaults else { return }
    _ = try await command(["configureFailPoint": "failCommand", "mode": "off"], on: "admin")
  }
}

/// What an operation fails with; records an issue if it does not.
func failure<Value>(
  _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> MongoError? {
  do {
    _ = try await body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as MongoError {
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
  return nil
}

func numbered(_ numbers: Range<Int>, _ more: [(String, BSONValue)] = []) -> [BSONDocument] {
  numbers.map { number in
    BSONDocument { writer in
      writer.append("_id", Int64(number))
      for (name, value) in more { writer.append(name, value) }
    }
  }
}

extension BSONDocument {
  var id: Int { Int(self["_id"]?.asInteger ?? -1) }
}

/// Holds a thread until it is given. For the driver's threads only: tasks share theirs.
final class Signal: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  func give() { semaphore.signal() }
  func wait() { semaphore.wait() }
}

/// Counts from any thread.
final class Tally: Sendable {
  private let number = Mutex(0)
  var count: Int { number.withLock { $0 } }
  func add() { number.withLock { $0 += 1 } }
}

/// Notes of what happened, in order, from any thread.
final class Notes: Sendable {
  private let noted = Mutex<[Int]>([])
  var all: [Int] { noted.withLock { $0 } }
  func add(_ number: Int) { noted.withLock { $0.append(number) } }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
