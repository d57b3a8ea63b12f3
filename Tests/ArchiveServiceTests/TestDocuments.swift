// The document store of a test's server: memory, or a database of a real server.

import ArchiveCore
import ArchiveTesting
import MongoDriver
import MongoStore
import MongoTesting

/// One for each test; with `ARCHIVE_TEST_ENGINE=mongo+s3` a database of its own.
struct TestDocuments: Sendable {
  let store: any DocumentStore
  /// Deletes everything in it.
  let discard: @Sendable () async throws -> Void

  static func make() throws -> TestDocuments {
    guard let server = TestMongoServer.engine else {
      return TestDocuments(store: InMemoryDocumentStore()) {}
    }
    let client = try server.client(database: TestMongoServer.newDatabase())
    return TestDocuments(store: MongoDocumentStore(client)) {
      try await TestMongoServer.dropDatabase(of: client)
      await client.close()
    }
  }
}
