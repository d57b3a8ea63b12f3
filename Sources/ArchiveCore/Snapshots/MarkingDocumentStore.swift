// A document store whose changes to some collections are marked, in the same write, for the next snapshot.

/// Passes every call on. What it inserts into a snapshotted collection, or changes there, gets `UnsavedMark`; what it
/// deletes there is noted.
///
/// The mark travels with the write, so it is durable when the write is, and never there without it: no process
/// and no engine can lose one. Who writes to a snapshotted collection must do so through this store. One inside another
/// does no harm.
public struct MarkingDocumentStore: DocumentStore {
  private let inner: any DocumentStore
  private let collections: Set<CollectionName>
  private let surroundings: Surroundings

  public init(
    _ inner: any DocumentStore, marking collections: [CollectionName], surroundings: Surroundings
  ) {
    (self.inner, self.collections, self.surroundings) = (inner, Set(collections), surroundings)
  }

  private func newToken() -> String { surroundings.newID().description }

  public func insert(_ documents: [Document], into collection: CollectionName)
    async throws(StoreError) -> InsertOutcome
  {
    guard collections.contains(collection) else {
      return try await inner.insert(documents, into: collection)
    }
    let token = newToken()
    return try await inner.insert(documents.map { $0.marked(token) }, into: collection)
  }

  @discardableResult
  public func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    guard collections.contains(update.collection) else { return try await inner.update(update) }
    return try await inner.update(update.marking(newToken()))
  }

  /// Of documents that somebody else deletes or changes at the same moment, the count may be off.
  @discardableResult
  public func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    guard collections.contains(collection) else {
      return try await inner.delete(collection, where: filter)
    }
    let count = try await inner.count(collection, where: filter)
    if count > 0 { try await transact([.delete(collection, where: filter)]) }
    return count
  }

  public func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    guard steps.contains(where: { changesMarked($0) }) else {
      return try await inner.transact(steps)
    }
    let token = newToken()
    try await inner.transact(
      steps.flatMap { changesMarked($0) ? $0.marking(token) : [$0] })
  }

  private func changesMarked(_ step: TransactionStep) -> Bool {
    switch step {
    case .insert(_, into: let name), .delete(let name, where: _): collections.contains(name)
    case .update(let update, mustMatch: _): collections.contains(update.collection)
    case .expect: false
    }
  }
}

// What changes nothing.
extension MarkingDocumentStore {
  public var isShared: Bool { inner.isShared }

  public func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  public func find(_ query: Query) async throws(StoreError) -> [Document] {
    try await inner.find(query)
  }

  public func find(_ queries: [Query]) async throws(StoreError) -> [[Document]] {
    try await inner.find(queries)
  }

  public func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError)
    -> Int
  {
    try await inner.count(collection, where: filter)
  }

  public func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }

  public func ping() async throws(StoreError) { try await inner.ping() }
}

extension Document {
  fileprivate func marked(_ token: String) -> Document {
    var document = self
    document.fields[UnsavedMark.name] = .string(token)
    return document
  }
}

extension Update {
  fileprivate func marking(_ token: String) -> Update {
    // Who changes the mark itself, as a snapshot does, or another such store, means it.
    if changes.contains(where: { $0.path == UnsavedMark.path }) { return self }
    var update = self
    update.changes.append(.set(UnsavedMark.path, .string(token)))
    return update
  }
}

extension TransactionStep {
  fileprivate func marking(_ token: String) -> [TransactionStep] {
    switch self {
    case .insert(let document, into: let name): [.insert(document.marked(token), into: name)]
    case .update(let update, let mustMatch): [.update(update.marking(token), mustMatch: mustMatch)]
    case .delete(let name, where: let filter):
      [self, UnsavedDeletion.step(name, where: filter, token: token)]
    case .expect: [self]
    }
  }
}
