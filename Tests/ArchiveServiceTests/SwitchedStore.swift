// A document store that a test switches off, or lets hang.

import ArchiveCore
import ArchiveTesting
import Synchronization

/// The store in memory behind a switch.
final class SwitchedStore: DocumentStore {
  private let inner: any DocumentStore = InMemoryDocumentStore()
  private let isDown = Mutex(false)

  var isShared: Bool { inner.isShared }

  private let pings = Mutex(Pings())

  private struct Pings {
    var count = 0
    var isHanging = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  func setDown(_ value: Bool) { isDown.withLock { $0 = value } }

  /// While it hangs, a ping does not return.
  func setHanging(_ value: Bool) {
    let waiting = pings.withLock { pings in
      pings.isHanging = value
      defer { if !value { pings.waiting = [] } }
      return value ? [] : pings.waiting
    }
    for ping in waiting { ping.resume() }
  }

  var pingCount: Int { pings.withLock(\.count) }

  private func check() throws(StoreError) {
    if isDown.withLock({ $0 }) { throw StoreError(.unavailable, "inner secret=`x`") }
  }

  func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }
  func insert(_ documents: [Document], into collection: CollectionName) async throws(StoreError)
    -> InsertOutcome
  {
    try check()
    return try await inner.insert(documents, into: collection)
  }
  func find(_ query: Query) async throws(StoreError) -> [Document] {
    try check()
    return try await inner.find(query)
  }
  func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try check()
    return try await inner.count(collection, where: filter)
  }
  func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try check()
    return try await inner.update(update)
  }
  func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try check()
    return try await inner.delete(collection, where: filter)
  }
  func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    try check()
    try await inner.transact(steps)
  }
  func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }
  func ping() async throws(StoreError) {
    await withCheckedContinuation { ping in
      let isHanging = pings.withLock { pings in
        pings.count += 1
        if pings.isHanging { pings.waiting.append(ping) }
        return pings.isHanging
      }
      if !isHanging { ping.resume() }
    }
    try check()
  }
}
