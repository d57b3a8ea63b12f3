// A document store that writes down what it was asked.

import ArchiveCore
import Synchronization

/// Passes every call on and remembers its name and collection.
final class CountedStore: DocumentStore {
  private let inner: any DocumentStore
  private let noted = Mutex<[String]>([])

  init(_ inner: any DocumentStore) { self.inner = inner }

  var calls: [String] { noted.withLock { $0 } }
  func forget() { noted.withLock { $0 = [] } }

  private func note(_ call: String, _ collection: CollectionName) {
    noted.withLock { $0.append("\(call) \(collection)") }
  }

  var isShared: Bool { inner.isShared }

  func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  func insert(_ documents: [Document], into collection: CollectionName) async throws(StoreError)
    -> InsertOutcome
  {
    note("insert", collection)
    return try await inner.insert(documents, into: collection)
  }

  func find(_ query: Query) async throws(StoreError) -> [Document] {
    note("find", query.collection)
    return try await inner.find(query)
  }

  func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    note("count", collection)
    return try await inner.count(collection, where: filter)
  }

  func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    note("update", update.collection)
    return try await inner.update(update)
  }

  func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    note("delete", collection)
    return try await inner.delete(collection, where: filter)
  }

  func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    noted.withLock { $0.append("transact \(steps.count)") }
    try await inner.transact(steps)
  }

  func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}
