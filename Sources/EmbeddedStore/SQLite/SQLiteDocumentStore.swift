// The document port on one SQLite file.

public import ArchiveCore
import Synchronization

/// Documents in one SQLite file: one connection and thread that writes, a few that read.
///
/// Safe from any number of tasks. Blocking work happens on threads of its own; both queues are
/// bounded and refuse with `unavailable` when full. Close it, or the last log is only folded into the
/// file at the next start (nothing is lost either way).
public final class SQLiteDocumentStore: DocumentStore {
  private typealias Read = @Sendable (SQLiteConnection) -> Void

  let surroundings: Surroundings
  let settings: SQLiteSettings
  private let writes: WorkQueue<any PendingWrite>
  private let reads: WorkQueue<Read>
  private let writerEnded = Ending(after: 1)
  private let readersEnded: Ending
  private let feed: ChangeFeed
  let expiring = Mutex<Set<ExpiringIndex>>([])

  /// Opens `archive.sqlite` in an existing directory, or creates it there.
  public init(
    directory: String, surroundings: Surroundings, settings: SQLiteSettings = SQLiteSettings()
  ) throws(StoreError) {
    let file = DatabaseFile(directory: directory, settings: settings)
    let writer = try file.openWriter()
    var readers: [SQLiteConnection] = []
    for _ in 0..<max(1, settings.readerCount) { readers.append(try file.openReader()) }
    (self.surroundings, self.settings) = (surroundings, settings)
    writes = WorkQueue(limit: settings.writeQueueLimit)
    reads = WorkQueue(limit: settings.readQueueLimit)
    feed = ChangeFeed(epoch: surroundings.random(), settings: settings)
    readersEnded = Ending(after: readers.count)
    startWriter(writer)
    for reader in readers { startReader(reader) }
  }

  deinit {
    writes.close()
    reads.close()
    feed.close()
  }

  /// Finishes what was asked for, refuses what comes later, folds the log into the file and closes it.
  public func close() async {
    feed.close()
    reads.close()
    await readersEnded.wait()
    writes.close()
    await writerEnded.wait()
  }

  /// How many writes wait for the writer.
  public var waitingWriteCount: Int { writes.count }

  private func startWriter(_ connection: SQLiteConnection) {
    // The threads hold the queues and not the store, so that a forgotten store still ends them.
    let (writes, feed, limit, ended) = (writes, feed, max(1, settings.groupLimit), writerEnded)
    startThread(named: "sqlite writer") {
      let committer = GroupCommit(session: WriteSession(connection: connection, feed: feed))
      while let group = writes.take(atMost: limit) { committer.carryOut(group) }
      connection.close()
      ended.arrive()
    }
  }

  private func startReader(_ connection: SQLiteConnection) {
    let (reads, ended) = (reads, readersEnded)
    startThread(named: "sqlite reader") {
      while let work = reads.take(atMost: 1) { for read in work { read(connection) } }
      connection.close()
      ended.arrive()
    }
  }

  /// Runs the closure on the writer's thread, in a transaction, and returns when it is durable.
  func write<Value: Sendable>(
    isUndoable: Bool = false, _ body: @escaping PendingWriteOf<Value>.Body
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      let write = PendingWriteOf(isUndoable: isUndoable, continuation, body: body)
      if let refusal = writes.add(write) { write.finish(refusal.storeError) }
    }
    return try result.get()
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      let refusal = reads.add { connection in
        continuation.resume(
          returning: Result { () throws(StoreError) in try body(connection) })
      }
      if let refusal { continuation.resume(returning: .failure(refusal.storeError)) }
    }
    return try result.get()
  }
}

extension SQLiteDocumentStore {
  public func prepare(_ schemas: [CollectionSchema]) async throws(StoreError) {
    try await write(isUndoable: true) { (session) throws(StoreError) in
      for schema in schemas {
        try CollectionTable(schema: schema).prepare(on: session.connection)
      }
    }
    expiring.withLock { $0.formUnion(schemas.flatMap(ExpiringIndex.all)) }
  }

  public func insert(_ documents: [Document], into collection: CollectionName)
    async throws(StoreError) -> InsertOutcome
  {
    var encoded: [EncodedDocument] = []
    encoded.reserveCapacity(documents.count)
    var invalid: StoreError?
    for document in documents {
      do throws(StoreError) {
        encoded.append(try EncodedDocument(document))
      } catch {
        invalid = error
        break
      }
    }
    if encoded.isEmpty { return InsertOutcome(insertedCount: 0, failure: invalid) }
    let outcome = try await write { [encoded] (session) throws(StoreError) in
      try session.insert(documents, encoded: encoded, into: collection)
    }
    return InsertOutcome(
      insertedCount: outcome.insertedCount, failure: outcome.failure ?? invalid)
  }

  public func find(_ query: Query) async throws(StoreError) -> [Document] {
    try await find([query])[0]
  }

  public func find(_ queries: [Query]) async throws(StoreError) -> [[Document]] {
    var selects: [DocumentQuery] = []
    for query in queries {
      try query.checkUsable()
      selects.append(DocumentQuery(query))
    }
    return try await read { [selects] (connection) throws(StoreError) in
      var answers: [[Document]] = []
      for select in selects { answers.append(try select.documents(on: connection)) }
      return answers
    }
  }

  public func count(_ collection: CollectionName, where filter: Filter)
    async throws(StoreError) -> Int
  {
    try filter.checkUsable()
    let condition = FilterSQL(filter)
    let sql = "SELECT count(*) FROM \(CollectionTable.name(collection)) WHERE \(condition.sql)"
    return try await read { (connection) throws(StoreError) in
      Int(clamping: try connection.integer(sql, condition.values))
    }
  }

  @discardableResult
  public func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try update.checkUsable()
    var isUndoable = false
    if case .all = update.extent { isUndoable = true }
    return try await write(isUndoable: isUndoable) { (session) throws(StoreError) in
      try session.update(update)
    }
  }

  @discardableResult
  public func delete(_ collection: CollectionName, where filter: Filter)
    async throws(StoreError) -> Int
  {
    try filter.checkUsable()
    return try await write { (session) throws(StoreError) in
      try session.delete(collection, where: filter)
    }
  }

  public func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    for step in steps { try step.checkUsable() }
    try await write(isUndoable: true) { (session) throws(StoreError) in
      for step in steps { try session.carryOut(step) }
    }
  }

  /// The changes that this process makes; what another process writes to the file is not heard.
  public func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    try feed.stream(of: collection, since: position)
  }

  public func ping() async throws(StoreError) {
    _ = try await read { (connection) throws(StoreError) in
      try connection.integer("SELECT count(*) FROM sqlite_schema")
    }
  }
}

extension WorkQueue.Refusal {
  fileprivate var storeError: StoreError {
    switch self {
    case .full:
      StoreError(
        .unavailable, "too much waits for the database", hint: "try again in a moment")
    case .closed: StoreError(.unavailable, "the store is closed")
    }
  }
}
