// The port to metadata, documents and the buffer. Its contract is tested by `DocumentStoreContract`.

/// Stores documents in named collections: MongoDB or SQLite in production, memory in tests.
///
/// What must hold for every engine, word for word what the contract tests check:
/// - A write that returned is durable: it survives the death of the process and of the machine.
/// - A write that threw `conflict`, `invalid` or `notFound` changed nothing, except `insert`, see there.
///   After `unavailable` it is unknown whether the write happened.
/// - Each single document changes atomically; a reader sees it before or after, never between.
/// - Reads that begin after a write returned see it.
/// - Calls may come from any number of tasks at once.
public protocol DocumentStore: Sendable {
  /// Whether other processes write here while this one serves, and `changes` tells what they write, in the order of
  /// the commits; a stream that hears nothing because it lost its server ends within minutes. Then the log
  /// follows the changes; otherwise it knows everything already, from having done it. `false` unless an engine says so;
  /// whoever wraps a store passes on what that one says.
  var isShared: Bool { get }

  /// Creates collections and indexes that are missing. An index that exists with another definition is `refused`.
  /// Every collection must have been prepared before it is used.
  func prepare(_ schemas: [CollectionSchema]) async throws(StoreError)

  /// Inserts in order and stops at the first document that cannot be inserted.
  /// The documents in front of it are inserted and durable, so that a batch costs one round trip.
  func insert(_ documents: [Document], into collection: CollectionName) async throws(StoreError)
    -> InsertOutcome

  /// The documents that satisfy the query, in its order.
  func find(_ query: Query) async throws(StoreError) -> [Document]

  /// The answers to several questions, each asked after the one before was answered. One round trip where
  /// the engine can; there is no common moment to them.
  func find(_ queries: [Query]) async throws(StoreError) -> [[Document]]

  /// How many documents satisfy the filter.
  func count(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int

  /// Changes documents and returns what was touched. See `Update`.
  @discardableResult
  func update(_ update: Update) async throws(StoreError) -> UpdateOutcome

  /// Deletes every document that satisfies the filter; returns how many.
  @discardableResult
  func delete(_ collection: CollectionName, where filter: Filter) async throws(StoreError) -> Int

  /// Carries out all the steps or none. A step whose expectation fails makes the whole a `conflict`.
  func transact(_ steps: [TransactionStep]) async throws(StoreError)

  /// The inserted and changed documents of a collection from now on, or behind a position.
  /// A position too old to resume from, and a reader too slow for the bounded queue, end the stream
  /// with `refused`: the reader then reads the collection itself and starts anew.
  func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>

  /// Answers when the engine can serve; otherwise throws why not.
  func ping() async throws(StoreError)
}

extension DocumentStore {
  public var isShared: Bool { false }

  public func find(_ queries: [Query]) async throws(StoreError) -> [[Document]] {
    var answers: [[Document]] = []
    for query in queries { answers.append(try await find(query)) }
    return answers
  }
}

/// How far an `insert` came.
public struct InsertOutcome: Sendable {
  /// The first so many documents are stored and durable.
  public let insertedCount: Int
  /// Why the next one was not, or `nil` when all were inserted. `conflict` or `invalid`.
  public let failure: StoreError?

  public init(insertedCount: Int, failure: StoreError?) {
    (self.insertedCount, self.failure) = (insertedCount, failure)
  }
}

/// A change to one document or to all that satisfy a filter.
public struct Update: Sendable {
  public enum Extent: Sendable {
    /// The first document in the order of the identifier.
    case first
    case all
    /// The document with exactly this identifier; when there is none, `insertedOnMiss` is changed and inserted.
    /// The filter must be `.id(…)` of that very document.
    case upsert(insertedOnMiss: Document)
  }

  public var collection: CollectionName
  public var filter: Filter
  public var changes: [DocumentChange]
  public var extent: Extent

  public init(
    _ collection: CollectionName, where filter: Filter, _ changes: [DocumentChange],
    extent: Extent = .first
  ) {
    (self.collection, self.filter, self.changes, self.extent) =
      (collection, filter, changes, extent)
  }
}

/// What an update touched.
public struct UpdateOutcome: Sendable {
  /// How many documents satisfied the filter (an inserted one counts).
  public let matchedCount: Int
  /// With extent `first` or `upsert`: the document before and after. With `all`: `nil`.
  public let before: Document?
  public let after: Document?

  public init(matchedCount: Int, before: Document? = nil, after: Document? = nil) {
    (self.matchedCount, self.before, self.after) = (matchedCount, before, after)
  }
}

/// One step of a transaction. Transactions are lists, not closures: no engine waits for a caller while it holds a lock.
public enum TransactionStep: Sendable {
  case insert(Document, into: CollectionName)
  /// With `mustMatch`, a filter that matches nothing fails the transaction.
  case update(Update, mustMatch: Bool)
  case delete(CollectionName, where: Filter)
  /// Changes nothing; fails the transaction unless a document satisfies the filter.
  case expect(CollectionName, where: Filter)
}

/// A place in the stream of changes; opaque outside the engine that made it.
public struct ChangePosition: Hashable, Sendable {
  public let token: String
  public init(token: String) { self.token = token }
}

/// A document that was inserted or changed, as it is after the change.
public struct CollectionChange: Sendable {
  public enum Kind: Sendable { case inserted, changed }

  public let kind: Kind
  public let document: Document
  public let position: ChangePosition

  public init(kind: Kind, document: Document, position: ChangePosition) {
    (self.kind, self.document, self.position) = (kind, document, position)
  }
}
