// A document store in which a test does something at the very moment of a call.

import ArchiveCore
import Synchronization

/// Passes every call on; what the test has set comes first.
final class InterposedStore: DocumentStore {
  private struct Hooks {
    var transact: @Sendable ([TransactionStep]) async -> Void = { _ in }
    var find: @Sendable (Query) async -> Void = { _ in }
  }

  let inner: any DocumentStore
  private let hooks = Mutex(Hooks())

  init(_ inner: any DocumentStore) { self.inner = inner }

  func beforeTransact(_ hook: @escaping @Sendable ([TransactionStep]) async -> Void) {
    hooks.withLock { $0.transact = hook }
  }

  func beforeFind(_ hook: @escaping @Sendable (Query) async -> Void) {
    hooks.withLock { $0.find = hook }
  }

  var isShared: Bool { inner.isShared }

  func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  func insert(_ documents: [Document], into collection: CollectionName) async throws(StoreError)
    -> InsertOutcome
  {
    try await inner.insert(documents, into: collection)
  }

  func find(_ query: Query) async throws(StoreError) -> [Document] {
    await hooks.withLock(\.find)(query)
    return try await inner.find(query)
  }

  func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try await inner.count(collection, where: filter)
  }

  func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try await inner.update(update)
  }

  func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try await inner.delete(collection, where: filter)
  }

  func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    await hooks.withLock(\.transact)(steps)
    try await inner.transact(steps)
  }

  func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}

/// Where so many tasks wait for each other.
actor Meeting {
  private let size: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isOver = false

  init(of size: Int) { self.size = size }

  /// Returns when the last one has come.
  func join() async {
    if isOver { return }
    if waiting.count + 1 == size {
      isOver = true
      for each in waiting { each.resume() }
      waiting = []
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }
}

extension TransactionStep {
  /// The collection that it changes; `nil` where it only looks.
  var changed: CollectionName? {
    switch self {
    case .insert(_, let into): into
    case .update(let update, mustMatch: _): update.collection
    case .delete(let name, where: _): name
    case .expect: nil
    }
  }
}
