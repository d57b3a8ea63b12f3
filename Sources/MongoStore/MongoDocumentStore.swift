// The document port on MongoDB.

public import ArchiveCore
public import Logging
public import MongoDriver
import Synchronization

/// Documents in one database of MongoDB, which several processes may share.
///
/// Safe from any number of tasks. What is acknowledged is on the disks of the majority, and is read by whoever
/// asks afterwards. Every question and every write is bounded by the driver's deadlines and queue; over
/// them is `unavailable`.
///
/// Where it is less than SQLite: a transaction sees one moment and is ended when somebody else changes what it writes or
/// expects, but not when somebody inserts what one of its deletions or updates would have met.
public final class MongoDocumentStore: DocumentStore {
  let client: MongoClient
  let prepared = PreparedCollections()
  /// Building an index over many documents takes its time.
  private static let preparationLimit = Duration.seconds(600)

  /// Other processes may write to the same database, and `changes` tells what they write.
  public var isShared: Bool { true }

  /// On a client that somebody else closes.
  public init(_ client: MongoClient) { self.client = client }

  /// Connects, and looks whether the deployment can do what is needed.
  ///
  /// - Throws: `refused` for a server that is no replica set, or too old; `unavailable` when none answers.
  public static func connect(_ settings: MongoSettings, logger: Logger) async throws(StoreError)
    -> MongoDocumentStore
  {
    do throws(MongoError) {
      let client = try MongoClient(settings, logger: logger)
      do throws(MongoError) {
        _ = try await client.checkDeployment()
      } catch {
        await client.close()
        throw error
      }
      return MongoDocumentStore(client)
    } catch {
      throw error.storeError
    }
  }

  /// Closes the client: refuses what comes later, and returns when all threads have ended.
  public func close() async { await client.close() }

  public func ping() async throws(StoreError) {
    _ = try await run { (connection) throws(StoreFailure) in
      try driver { () throws(MongoError) in
        try connection.run(["ping": 1], on: "admin", changes: false)
      }
    }
  }

  public func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    let preparations = schemas.map(CollectionPreparation.init)
    try await run(within: Self.preparationLimit) { (connection) throws(StoreFailure) in
      let present = try driver { () throws(MongoError) in try connection.listCollections() }
      for preparation in preparations { try preparation.prepare(present, on: connection) }
    }
    for schema in schemas { prepared.note(schema) }
  }

  /// The unique indexes of a collection; `invalid` for one that nobody prepared.
  func uniqueIndexes(of name: CollectionName) async throws(StoreError) -> [CollectionIndex] {
    if let indexes = prepared.uniqueIndexes(of: name) { return indexes }
    let present = try await run { (connection) throws(StoreFailure) in
      try driver { () throws(MongoError) in try connection.listCollections() }
    }
    guard present.contains(where: { $0["name"]?.asString == name.description }) else {
      throw StoreError(.invalid, "a collection was not prepared collection=`\(name)`")
    }
    prepared.note(name)
    return []
  }
}

// MARK: - Threads

extension MongoDocumentStore {
  /// Runs single operations on one of the driver's threads.
  func run<Value: Sendable>(
    within limit: Duration? = nil,
    _ body: @escaping @Sendable (borrowing MongoConnection) throws(StoreFailure) -> Value
  ) async throws(StoreError) -> Value {
    let decision = Decision()
    do throws(MongoError) {
      return try await client.run(within: limit) { (connection) throws(MongoError) in
        try decision.noting { () throws(StoreFailure) in try body(connection) }
      }
    } catch {
      throw decision.taken ?? error.storeError
    }
  }

  /// Runs operations on one of the driver's threads as a transaction. They may run several times.
  func runInTransaction<Value: Sendable>(
    _ body: @escaping @Sendable (borrowing MongoConnection) throws(StoreFailure) -> Value
  ) async throws(StoreError) -> Value {
    let decision = Decision()
    do throws(MongoError) {
      return try await client.transaction { (connection) throws(MongoError) in
        try decision.noting { () throws(StoreFailure) in try body(connection) }
      }
    } catch {
      throw decision.taken ?? error.storeError
    }
  }
}

/// What the store decided while the driver ran its operations: the driver's own error says only that they stopped.
private final class Decision: Sendable {
  private let error = Mutex<StoreError?>(nil)

  var taken: StoreError? { error.withLock { $0 } }

  func noting<Value>(_ body: () throws(StoreFailure) -> Value) throws(MongoError) -> Value {
    // Of several attempts only the last one counts.
    error.withLock { $0 = nil }
    do throws(StoreFailure) {
      return try body()
    } catch {
      switch error {
      case .driver(let failure): throw failure
      case .decided(let decided):
        self.error.withLock { $0 = decided }
        throw MongoError(.invalid, "the store decided otherwise")
      }
    }
  }
}
