// Stores of a process that dies between any two of its steps.

import ArchiveCore
import Synchronization

/// Counts the calls of all stores that share it; from the chosen one on, none comes back.
final class Fuse: Sendable {
  private let length: Int
  /// Whether the last call takes effect although nobody hears of it.
  private let takesEffect: Bool
  private let count = Mutex(0)

  init(_ length: Int, takesEffect: Bool = false) {
    (self.length, self.takesEffect) = (length, takesEffect)
  }

  /// Whether the process died.
  var isBurnt: Bool { count.withLock { $0 >= length } }

  func passing<Value>(_ work: () async throws(StoreError) -> Value) async throws(StoreError)
    -> Value
  {
    let number = count.withLock { count in
      count += 1
      return count
    }
    if number < length { return try await work() }
    if number == length, takesEffect { _ = try await work() }
    // Nothing that anybody would try again.
    throw StoreError(.refused, "the process is dead")
  }
}

/// The documents as the dying process sees them.
struct DyingDocumentStore: DocumentStore {
  let inner: any DocumentStore
  let fuse: Fuse

  func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await inner.prepare(schemas)
  }

  func insert(_ documents: [Document], into collection: CollectionName) async throws(StoreError)
    -> InsertOutcome
  {
    // A batch is no transaction: half of it may be there.
    let half = documents.prefix(documents.count / 2)
    if half.count > 0 {
      let first = try await fuse.passing { () async throws(StoreError) in
        try await inner.insert(Array(half), into: collection)
      }
      if first.failure != nil { return first }
    }
    let rest = try await fuse.passing { () async throws(StoreError) in
      try await inner.insert(Array(documents.dropFirst(half.count)), into: collection)
    }
    return InsertOutcome(insertedCount: half.count + rest.insertedCount, failure: rest.failure)
  }

  func find(_ query: Query) async throws(StoreError) -> [Document] {
    try await fuse.passing { () async throws(StoreError) in try await inner.find(query) }
  }

  func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try await fuse.passing { () async throws(StoreError) in
      try await inner.count(collection, where: filter)
    }
  }

  func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try await fuse.passing { () async throws(StoreError) in try await inner.update(update) }
  }

  func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int {
    try await fuse.passing { () async throws(StoreError) in
      try await inner.delete(collection, where: filter)
    }
  }

  func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    try await fuse.passing { () async throws(StoreError) in try await inner.transact(steps) }
  }

  func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try await inner.changes(of: collection, since: position)
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}

/// The objects as the dying process sees them.
struct DyingObjectStore: ObjectStore {
  let inner: any ObjectStore
  let fuse: Fuse

  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    try await fuse.passing { () async throws(StoreError) in
      try await inner.put(key, body, mode: mode, type: type)
    }
  }

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    try await fuse.passing { () async throws(StoreError) in
      try await inner.get(key, range: range)
    }
  }

  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    try await fuse.passing { () async throws(StoreError) in try await inner.head(key) }
  }

  func delete(_ key: ObjectKey) async throws(StoreError) {
    try await fuse.passing { () async throws(StoreError) in try await inner.delete(key) }
  }

  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError)
    -> [ObjectInfo]
  {
    try await fuse.passing { () async throws(StoreError) in
      try await inner.list(prefix: prefix, after: after, limit: limit)
    }
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}
