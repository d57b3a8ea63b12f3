// The oracle: a document store so plain that its answers are right at a glance.

public import ArchiveCore
import Synchronization

/// Documents in dictionaries. Every engine must answer as this one does.
///
/// Nothing is fast and nothing survives the process. Everything is guarded by the one mutex; each
/// operation works on a copy of the collections and puts it in place only when it succeeded.
public final class InMemoryDocumentStore: DocumentStore {
  private struct State {
    var collections: [CollectionName: MemoryCollection] = [:]
    var changes: [(collection: CollectionName, kind: CollectionChange.Kind, document: Document)] =
      []
    /// Changes that nobody can resume from any more.
    var forgottenCount = 0
    var readers: [Int: MemoryReader] = [:]
    var lastReader = 0
  }

  private static let lastEpoch = Mutex(0)

  private let state = Mutex(State())
  private let epoch: Int
  public let isShared: Bool

  /// - Parameter isShared: whether several logs that use it are to follow one another's changes.
  public init(isShared: Bool = false) {
    self.isShared = isShared
    epoch = Self.lastEpoch.withLock { last in
      last += 1
      return last
    }
  }

  public func prepare(_ schemas: [CollectionSchema]) throws(StoreError) {
    try transaction { (collections, _) throws(StoreError) in
      for schema in schemas {
        var collection = collections[schema.name] ?? MemoryCollection()
        for index in schema.indexes { try collection.add(index) }
        collections[schema.name] = collection
      }
    }
  }

  public func insert(_ documents: [Document], into collection: CollectionName)
    throws(StoreError) -> InsertOutcome
  {
    for (index, document) in documents.enumerated() {
      do throws(StoreError) {
        try transact([.insert(document, into: collection)])
      } catch {
        guard error.kind == .conflict || isPrepared(collection) else { throw error }
        return InsertOutcome(insertedCount: index, failure: error)
      }
    }
    return InsertOutcome(insertedCount: documents.count, failure: nil)
  }

  public func find(_ query: Query) throws(StoreError) -> [Document] {
    try query.checkUsable()
    let order = query.totalOrder
    let found = try documents(of: query.collection).filter(query.pagedFilter.matches)
    return Array(found.sorted { precedes($0, $1, in: order) }.prefix(query.limit))
  }

  public func count(_ collection: CollectionName, where filter: Filter) throws(StoreError) -> Int {
    try filter.checkUsable()
    return try documents(of: collection).filter(filter.matches).count
  }

  @discardableResult
  public func update(_ update: Update) throws(StoreError) -> UpdateOutcome {
    try update.checkUsable()
    return try transaction { (collections, changes) throws(StoreError) in
      try Self.update(update, &collections, &changes)
    }
  }

  @discardableResult
  public func delete(_ collection: CollectionName, where filter: Filter) throws(StoreError) -> Int {
    try filter.checkUsable()
    return try transaction { (collections, _) throws(StoreError) in
      try Self.delete(collection, where: filter, &collections)
    }
  }

  public func transact(_ steps: [TransactionStep]) throws(StoreError) {
    for step in steps { try step.checkUsable() }
    try transaction { (collections, changes) throws(StoreError) in
      for step in steps { try Self.carryOut(step, &collections, &changes) }
    }
  }

  public func ping() {}
}

extension InMemoryDocumentStore {
  private typealias Collections = [CollectionName: MemoryCollection]
  private typealias Changes = [(
    collection: CollectionName, kind: CollectionChange.Kind, document: Document
  )]

  private func transaction<Value>(
    _ body: (inout Collections, inout Changes) throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    let (result, slow): (Result<Value, StoreError>, [MemoryReader]) = state.withLock { state in
      var collections = state.collections
      var changes: Changes = []
      do throws(StoreError) {
        let value = try body(&collections, &changes)
        state.collections = collections
        return (.success(value), publish(changes, &state))
      } catch {
        return (.failure(error), [])
      }
    }
    for reader in slow { reader.endAsTooSlow() }
    return try result.get()
  }

  private func isPrepared(_ collection: CollectionName) -> Bool {
    state.withLock { $0.collections[collection] != nil }
  }

  private func documents(of name: CollectionName) throws(StoreError) -> [Document] {
    let collections = state.withLock { $0.collections }
    return try Self.collection(name, collections).inOrder
  }

  private static func collection(_ name: CollectionName, _ collections: Collections)
    throws(StoreError) -> MemoryCollection
  {
    guard let collection = collections[name] else {
      throw StoreError(.invalid, "a collection was not prepared collection=`\(name)`")
    }
    return collection
  }

  private static func carryOut(
    _ step: TransactionStep, _ collections: inout Collections, _ changes: inout Changes
  ) throws(StoreError) {
    switch step {
    case .insert(let document, let name):
      var collection = try collection(name, collections)
      try collection.insert(document)
      collections[name] = collection
      changes.append((name, .inserted, document))
    case .update(let update, let mustMatch):
      let outcome = try Self.update(update, &collections, &changes)
      if mustMatch && outcome.matchedCount == 0 { throw unexpected }
    case .delete(let name, let filter): _ = try delete(name, where: filter, &collections)
    case .expect(let name, let filter):
      guard try collection(name, collections).inOrder.contains(where: filter.matches) else {
        throw unexpected
      }
    }
  }

  private static var unexpected: StoreError {
    StoreError(.conflict, "no document is as a transaction expects")
  }

  private static func update(
    _ update: Update, _ collections: inout Collections, _ changes: inout Changes
  ) throws(StoreError) -> UpdateOutcome {
    var collection = try collection(update.collection, collections)
    var matched = collection.inOrder.filter(update.filter.matches)
    var extentIsAll = false
    if case .all = update.extent { extentIsAll = true } else { matched = Array(matched.prefix(1)) }
    var last: Document?
    for before in matched {
      let after = try before.applying(update.changes)
      last = after
      if after == before { continue }
      try collection.replace(before, with: after)
      changes.append((update.collection, .changed, after))
    }
    if case .upsert(let missed) = update.extent, matched.isEmpty {
      let after = try missed.applying(update.changes)
      try collection.insert(after)
      changes.append((update.collection, .inserted, after))
      collections[update.collection] = collection
      return UpdateOutcome(matchedCount: 1, before: nil, after: after)
    }
    collections[update.collection] = collection
    return extentIsAll
      ? UpdateOutcome(matchedCount: matched.count)
      : UpdateOutcome(matchedCount: matched.count, before: matched.first, after: last)
  }

  private static func delete(
    _ name: CollectionName, where filter: Filter, _ collections: inout Collections
  ) throws(StoreError) -> Int {
    var collection = try collection(name, collections)
    let gone = collection.inOrder.filter(filter.matches)
    for document in gone { collection.remove(document) }
    collections[name] = collection
    return gone.count
  }

  private func precedes(_ left: Document, _ right: Document, in order: [SortKey]) -> Bool {
    for key in order {
      let sign: Int
      switch (left[key.path], right[key.path]) {
      case (nil, nil): sign = 0
      case (nil, _?): sign = -1
      case (_?, nil): sign = 1
      case (let left?, let right?): sign = left.order(against: right) ?? 0
      }
      if sign != 0 { return key.descending ? sign > 0 : sign < 0 }
    }
    return false
  }
}

// MARK: - Changes

extension InMemoryDocumentStore {
  public func changes(of collection: CollectionName, since position: ChangePosition?)
    throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    let (stream, continuation) = AsyncThrowingStream<CollectionChange, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(1024))
    let start = try position.map { (position) throws(StoreError) in try number(of: position) }
    let reader = MemoryReader(collection: collection, continuation: continuation)
    let id: Int? = state.withLock { state in
      for number in (start ?? state.changes.count)..<state.changes.count
      where !reader.hear(change(number, state)) {
        return nil
      }
      state.lastReader += 1
      state.readers[state.lastReader] = reader
      return state.lastReader
    }
    guard let id else {
      reader.endAsTooSlow()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.readers[id] = nil }
    }
    return stream
  }

  /// From now on no position of before can be resumed from.
  public func forgetChanges() {
    state.withLock { $0.forgottenCount = $0.changes.count + 1 }
  }

  private func publish(_ changes: Changes, _ state: inout State) -> [MemoryReader] {
    var slow: [MemoryReader] = []
    for change in changes {
      state.changes.append(change)
      let heard = self.change(state.changes.count - 1, state)
      for (id, reader) in state.readers where !reader.hear(heard) {
        state.readers[id] = nil
        slow.append(reader)
      }
    }
    return slow
  }

  private func change(_ number: Int, _ state: State) -> (CollectionName, CollectionChange) {
    let change = state.changes[number]
    let position = ChangePosition(token: "memory-\(epoch)-\(number + 1)")
    return (
      change.collection,
      CollectionChange(kind: change.kind, document: change.document, position: position)
    )
  }

  /// How many changes lie before the place behind the position.
  private func number(of position: ChangePosition) throws(StoreError) -> Int {
    let parts = position.token.split(separator: "-")
    let count = state.withLock { $0.changes.count }
    guard parts.count == 3, parts[1] == "\(epoch)", let number = Int(parts[2]),
      (0...count).contains(number), number >= state.withLock({ $0.forgottenCount })
    else { throw StoreError(.refused, "the changes since a position are gone") }
    return number
  }
}

/// Somebody who listens to one collection.
private struct MemoryReader {
  let collection: CollectionName
  let continuation: AsyncThrowingStream<CollectionChange, any Error>.Continuation

  /// Whether there was room.
  func hear(_ change: (CollectionName, CollectionChange)) -> Bool {
    guard change.0 == collection else { return true }
    if case .dropped = continuation.yield(change.1) { return false }
    return true
  }

  func endAsTooSlow() {
    continuation.finish(throwing: StoreError(.refused, "a reader of changes is too slow"))
  }
}
