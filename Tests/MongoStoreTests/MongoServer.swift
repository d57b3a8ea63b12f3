// A store in a database of its own for each test.

import MongoDriver
import MongoStore
import MongoTesting
import Testing

/// The server that the environment names; suites that need it are skipped where there is none.
enum MongoServer {
  static let isThere = TestMongoServer.first != nil
  static let skipped = Comment(rawValue: TestMongoServer.wanted)

  /// Runs the closure on a store in a new database, which is dropped afterwards.
  ///
  /// Each client has a name of its own, so that the faults that one test brings about meet no other.
  static func withStore<Value>(
    _ change: (inout MongoSettings) -> Void = { _ in },
    _ body: (MongoDocumentStore, MongoClient) async throws -> Value
  ) async throws -> Value {
    let server = try #require(TestMongoServer.first)
    return try await server.withStore(
      { settings in
        settings.applicationName = settings.database
        change(&settings)
      }, body)
  }
}
