// A document store in which a test does something at the very moment of a call.

package import ArchiveCore
import Synchronization

/// Passes every call on; what the test has set comes first.
package final class InterposedStore: DocumentStore {
  private struct Hooks {
    var transact: @Sendable ([TransactionStep]) async -> Void = { _ in }
    var find: @Sendable (Query) async -> Void = { _ in }
  }

  package let inner: any DocumentStore
  private let hooks = Mutex(Hooks())

  package init(_ inner: any DocumentStore) { self.inner = inner }

  package func beforeTransact(_ hook: @escaping @Sendable ([TransactionStep]) async -> Void) {
    hooks.withLock { $0.transact = hook }
  }

  package func beforeFind(_ hook: @escaping @Sendable (Query) async -> Void) {
    hooks.withLock { $0.find = hook }
  }

  package var isShared: Bool { inner.isShared }

  package func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  package func insert(_ documents: [Document], into collection: CollectionName)
    async throws(StoreError)
    -> InsertOutcome
  {
    try await inner.insert(documents, into: collection)
  }

  package func find(_ query: Query) async throws(StoreError) -> [Document] {
    await hooks.withLock(\.find)(query)
    return try await inner.find(query)
  }

  package func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    try await inner.count(collection, where: filter)
  }

  package func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try await inner.update(update)
  }

  package func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    try await inner.delete(collection, where: filter)
  }

  package func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    await hooks.withLock(\.transact)(steps)
    try await inner.transact(steps)
  }

  package func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }

  package func ping() async throws(StoreError) { try await inner.ping() }
}
