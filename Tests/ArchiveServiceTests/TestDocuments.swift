// The document store of a test's server: memory, SQLite, or a database of a real server.

import ArchiveCore
import ArchiveTesting
import EmbeddedStore
import Foundation
import MongoDriver
import MongoStore
import MongoTesting

/// One for each test: with `ARCHIVE_TEST_ENGINE=mongo+s3` a database that is its own until then, with `sqlite` a file of its
/// own.
struct TestDocuments: Sendable {
  let store: any DocumentStore
  /// Deletes everything in it. Nothing may use it any more.
  let discard: @Sendable () async throws -> Void

  static func make() async throws -> TestDocuments {
    guard let server = TestMongoServer.engine else {
      if ProcessInfo.processInfo.environment["ARCHIVE_TEST_ENGINE"] == "sqlite" {
        return try sqlite()
      }
      return TestDocuments(store: InMemoryDocumentStore()) {}
    }
    let database = await DatabasePool.engine.take()
    let client = try server.client(database: database)
    return TestDocuments(store: MongoDocumentStore(client)) {
      await client.close()
      try await DatabasePool.engine.giveBack(database, on: server)
    }
  }

  /// A database in a folder of its own.
  static func sqlite() throws -> TestDocuments {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "archive-test-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let store = try SQLiteDocumentStore(
      directory: folder.path, surroundings: TestClock().surroundings)
    return TestDocuments(store: store) {
      await store.close()
      try FileManager.default.removeItem(at: folder)
    }
  }
}
