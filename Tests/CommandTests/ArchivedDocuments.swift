// The documents of a test's archive, wherever the tests keep them.

import ArchiveCore
import EmbeddedStore
import MongoDriver
import MongoStore
import MongoTesting

@testable import archive_service

extension ScratchDirectory {
  /// Opens the documents of the folder `data`, or of this directory's database with `ARCHIVE_TEST_ENGINE=mongo+s3`.
  func withDocuments<Value>(_ body: (any DocumentStore) async throws -> Value) async throws -> Value
  {
    let (store, close) = try open()
    let result: Result<Value, any Error>
    do { result = .success(try await body(store)) } catch { result = .failure(error) }
    await close()
    return try result.get()
  }

  private func open() throws -> (any DocumentStore, () async -> Void) {
    if let server = TestMongoServer.engine {
      let client = try server.client(database: database)
      return (MongoDocumentStore(client), { await client.close() })
    }
    let store = try SQLiteDocumentStore(
      directory: path + "/data", surroundings: LiveSurroundings.make())
    return (store, { await store.close() })
  }
}
