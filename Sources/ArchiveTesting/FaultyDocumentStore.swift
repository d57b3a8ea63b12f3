// A decorator that makes a document store fail as networks and disks do.

public import ArchiveCore
import Synchronization

/// Passes calls on to another store; a script says which writes go wrong.
///
/// The script is guarded by its mutex; the inner store is called outside it.
public final class FaultyDocumentStore: DocumentStore {
  /// What happens to one call.
  public enum Fault: Sendable {
    /// Throws `unavailable`; nothing happened.
    case failBefore
    /// Takes effect and throws `unavailable` all the same: the reply was lost.
    case failAfter
  }

  /// The calls that can go wrong.
  public enum Operation: Hashable, Sendable { case insert, find, update, delete, transact, changes }

  private let inner: any DocumentStore
  private let script = Mutex<[Operation: [Fault?]]>([:])
  private let calls = Mutex<[Operation: Int]>([:])
  private let gate = ChangeGate()

  public init(_ inner: any DocumentStore) { self.inner = inner }

  /// The next calls of the operation suffer these faults, one each; `nil` lets one pass.
  public func plan(_ operation: Operation, _ faults: [Fault?]) {
    script.withLock { $0[operation] = faults }
  }

  public func callCount(_ operation: Operation) -> Int { calls.withLock { $0[operation] ?? 0 } }

  private func suffering<Value>(
    _ operation: Operation, _ work: () async throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    calls.withLock { $0[operation, default: 0] += 1 }
    let fault = script.withLock { script -> Fault? in
      guard let first = script[operation]?.first else { return nil }
      script[operation]?.removeFirst()
      return first
    }
    // A real store takes a while: without it, calls that arrive together would never meet.
    await Task.yield()
    if case .failBefore = fault { throw StoreError(.unavailable, "made to fail before") }
    let value = try await work()
    if case .failAfter = fault { throw StoreError(.unavailable, "made to fail after") }
    return value
  }

  public func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  public func insert(_ documents: [Document], into collection: CollectionName)
    async throws(StoreError) -> InsertOutcome
  {
    try await suffering(.insert) { () async throws(StoreError) in
      try await inner.insert(documents, into: collection)
    }
  }

  public func find(_ query: Query) async throws(StoreError) -> [Document] {
    try await suffering(.find) { () async throws(StoreError) in try await inner.find(query) }
  }

  public func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    try await inner.count(collection, where: filter)
  }

  public func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try await suffering(.update) { () async throws(StoreError) in try await inner.update(update) }
  }

  public func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    try await suffering(.delete) { () async throws(StoreError) in
      try await inner.delete(collection, where: filter)
    }
  }

  public func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    try await suffering(.transact) { () async throws(StoreError) in
      try await inner.transact(steps)
    }
  }

  public func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    gate.passing(
      try await suffering(.changes) { () async throws(StoreError) in
        try await inner.changes(of: collection, since: position)
      })
  }

  public var isShared: Bool { inner.isShared }

  /// Changes on their way to the readers of this store wait until they are let go.
  public func holdChanges() { gate.close() }

  public func letChangesGo() { gate.open() }

  /// Every open stream of changes fails instead of giving its next change.
  public func breakChanges(_ kind: StoreError.Kind = .unavailable) { gate.breakStreams(kind) }

  public func ping() async throws(StoreError) { try await inner.ping() }
}
