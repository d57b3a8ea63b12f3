// A collection seen through one Swift type.

/// A type whose values are documents of one collection.
///
/// A `Codable` type gets both conversions from `DocumentEncoder` and `DocumentDecoder`; a hot one writes them by hand.
public protocol StoredDocument: Sendable {
  static var schema: CollectionSchema { get }
  init(document: Document) throws(StoreError)
  func document() throws(StoreError) -> Document
}

extension StoredDocument where Self: Codable {
  public init(document: Document) throws(StoreError) {
    self = try DocumentDecoder().decode(Self.self, from: document)
  }

  public func document() throws(StoreError) -> Document {
    try DocumentEncoder().encode(self)
  }
}

/// The typed view of one collection of a store. A value; make it where it is needed.
public struct Collection<Value: StoredDocument>: Sendable {
  public let store: any DocumentStore
  public var name: CollectionName { Value.schema.name }

  public init(_: Value.Type = Value.self, in store: any DocumentStore) { self.store = store }

  public func find(
    where filter: Filter = .everything, sort: [SortKey] = [], limit: Int,
    after: PageCursor? = nil
  ) async throws(StoreError) -> [Value] {
    let query = Query(name, where: filter, sort: sort, limit: limit, after: after)
    var values: [Value] = []
    for document in try await store.find(query) { values.append(try Value(document: document)) }
    return values
  }

  public func find(id: String) async throws(StoreError) -> Value? {
    try await find(where: .id(id), limit: 1).first
  }

  /// Inserts one document; `conflict` where its identifier or a unique index is taken.
  public func insert(_ value: Value) async throws(StoreError) {
    let outcome = try await store.insert([try value.document()], into: name)
    if let failure = outcome.failure { throw failure }
  }

  /// Changes the first document that satisfies the filter and returns it as it is then.
  @discardableResult
  public func update(where filter: Filter, _ changes: [DocumentChange]) async throws(StoreError)
    -> Value?
  {
    let outcome = try await store.update(Update(name, where: filter, changes))
    guard let after = outcome.after else { return nil }
    return try Value(document: after)
  }

  @discardableResult
  public func delete(where filter: Filter) async throws(StoreError) -> Int {
    try await store.delete(name, where: filter)
  }
}
