// The document engine that the settings name, open.

import ArchiveCore
import EmbeddedStore
import Logging
import MongoDriver
import MongoStore

/// A database of MongoDB or a file, and how to let go of it.
struct OpenDocuments: Sendable {
  let store: any DocumentStore
  /// Whether servers on other machines may use the same documents.
  let isShared: Bool
  /// Once, when nobody uses the store any more.
  let close: @Sendable () async -> Void

  /// Asks MongoDB whether it can do what is needed; makes the file where it is missing.
  init(_ settings: Settings, surroundings: Surroundings, logger: Logger) async throws {
    if let mongo = settings.mongo.client {
      let store = try await MongoDocumentStore.connect(mongo, logger: logger)
      self.init(store: store, isShared: true) { await store.close() }
    } else {
      let store = try SQLiteDocumentStore(
        directory: settings.dataDirectory, surroundings: surroundings)
      self.init(store: store, isShared: false) { await store.close() }
    }
  }

  private init(
    store: any DocumentStore, isShared: Bool, close: @escaping @Sendable () async -> Void
  ) {
    (self.store, self.isShared, self.close) = (store, isShared, close)
  }
}
