// An object store that refuses what a test tells it to.

import ArchiveCore
import Synchronization

/// Passes on what another store does, except puts below a prefix while they are refused.
final class SwitchedObjects: ObjectStore {
  private let inner: any ObjectStore
  private let refused = Mutex<String?>(nil)

  init(_ inner: any ObjectStore) { self.inner = inner }

  /// `nil`: nothing is refused.
  func refuse(below prefix: String?) { refused.withLock { $0 = prefix } }

  private func check(_ key: ObjectKey) throws(StoreError) {
    let prefix = refused.withLock { $0 }
    if let prefix, key.description.hasPrefix(prefix) {
      throw StoreError(.unavailable, "refused by the test key=`\(key)`")
    }
  }

  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    try check(key)
    try await inner.put(key, body, mode: mode, type: type)
  }

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    try await inner.get(key, range: range)
  }

  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await inner.head(key) }

  func delete(_ key: ObjectKey) async throws(StoreError) {
    try check(key)
    try await inner.delete(key)
  }

  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError) -> [ObjectInfo]
  {
    try await inner.list(prefix: prefix, after: after, limit: limit)
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}
