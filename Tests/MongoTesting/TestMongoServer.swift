// The MongoDB server that the environment names for tests, and databases of their own on it.

import Foundation
import Logging
public import MongoDriver
public import MongoStore

/// A real server, by `ARCHIVE_TEST_MONGO_URI`.
public struct TestMongoServer: Sendable {
  public let uri: String

  /// `nil` where the environment names none.
  public static let first: TestMongoServer? = {
    let uri = ProcessInfo.processInfo.environment["ARCHIVE_TEST_MONGO_URI"] ?? ""
    return uri.isEmpty ? nil : TestMongoServer(uri: uri)
  }()

  /// The server in which the tests of the main job keep their documents: with `ARCHIVE_TEST_ENGINE=mongo+s3` the
  /// first one; `nil` leaves them in memory and files.
  public static let engine: TestMongoServer? =
    ProcessInfo.processInfo.environment["ARCHIVE_TEST_ENGINE"] == "mongo+s3" ? first : nil

  /// What a skipped test says.
  public static let wanted = "needs a MongoDB server: set ARCHIVE_TEST_MONGO_URI"

  /// A database that nobody used before.
  public static func newDatabase() -> String {
    "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
  }

  public func settings(database: String) -> MongoSettings {
    var settings = MongoSettings(uri: MongoURI(uri), database: database)
    // Many tests run at once; the server shall not need a thousand threads for them.
    settings.connectionLimit = 4
    // Eight tests at once make their collections on two cores.
    settings.operationDeadline = .seconds(30)
    settings.applicationName = "tests"
    return settings
  }

  /// A client, to be closed.
  public func client(
    database: String, _ change: (inout MongoSettings) -> Void = { _ in }
  ) throws -> MongoClient {
    var settings = settings(database: database)
    change(&settings)
    return try MongoClient(
      settings, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  /// Runs the body on a store in a new database, which is dropped afterwards.
  public func withStore<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ change: (inout MongoSettings) -> Void = { _ in },
    _ body: (MongoDocumentStore, MongoClient) async throws -> Value
  ) async throws -> Value {
    let client = try client(database: Self.newDatabase(), change)
    let result: Result<Value, any Error>
    do { result = .success(try await body(MongoDocumentStore(client), client)) } catch {
      result = .failure(error)
    }
    try await Self.dropDatabase(of: client)
    await client.close()
    return try result.get()
  }

  /// Deletes everything in the client's database.
  public static func dropDatabase(of client: MongoClient) async throws {
    _ = try await client.run(within: .seconds(30)) { (connection) throws(MongoError) in
      try connection.run(["dropDatabase": 1])
    }
  }

  /// Settings of `archive-service` as environment variables.
  public func variables(database: String) -> [String: String] {
    [
      "ARCHIVE_MONGO_URI": uri, "ARCHIVE_MONGO_DATABASE": database,
      "ARCHIVE_MONGO_CONNECTIONLIMIT": "4", "ARCHIVE_MONGO_OPERATIONTIMEOUT": "30s",
    ]
  }
}
