// The client that everybody shares: operations in, results out.

public import Logging
import Synchronization
import Threads

/// Speaks to one deployment of MongoDB. Safe from any task.
///
/// As many threads as libmongoc clients, each owning one for good; one more thread watches deadlines. A task waits
/// without holding a thread; the queue is bounded; the deadline of an operation counts from the call, and nobody
/// waits beyond it, even where a thread is still held by a silent server.
public final class MongoClient: Sendable {
  let settings: MongoSettings
  let logger: Logger
  let pool: ClientPool
  let streamThreads = ThreadCount()
  private let workers = ThreadCount()
  private let watch = ThreadCount()
  let openStreams = Mutex<[ObjectIdentifier: ChangeFeed]>([:])
  private let queue: JobQueue

  /// Contacts nothing yet. Throws `invalid` for settings that no client can work with.
  ///
  /// - Parameter logger: gets a line when a change stream breaks and goes on; never content or secrets.
  public init(_ settings: MongoSettings, logger: Logger) throws(MongoError) {
    try settings.check()
    (self.settings, self.logger) = (settings, logger)
    pool = try ClientPool(settings)
    queue = JobQueue(limit: settings.requestLimit)
    try startThreads()
  }

  deinit { beginToClose() }

  /// `host:port` of each server in the connection string.
  public var hosts: String { pool.hosts }

  /// How we are called in the server's log.
  public var applicationName: String { settings.applicationName }

  /// How many operations wait for a thread.
  public var waitingCount: Int { queue.count }

  /// Runs blocking work on one of the threads.
  ///
  /// - Parameter limit: the deadline, from now; `operationDeadline` of the settings where nothing is said.
  /// - Throws: what the closure throws; `busy` when the queue is full; `timedOut` at the deadline when nothing can
  ///   have been changed, else `unknownOutcome`; `cancelled` for a task that was cancelled while it waited.
  @discardableResult
  public func run<Value: Sendable>(
    within limit: Duration? = nil,
    _ body: @escaping @Sendable (borrowing MongoConnection) throws(MongoError) -> Value
  ) async throws(MongoError) -> Value {
    let settings = settings
    return try await perform(within: limit ?? settings.operationDeadline) {
      (job, client) throws(MongoError) in
      try body(MongoConnection(client: client, job: job, settings: settings, transaction: nil))
    }
  }

  /// Refuses what waits and what comes, lets what runs come to its end or deadline, ends all threads and
  /// change streams, and returns when they have ended. More than once is harmless.
  public func close() async {
    beginToClose()
    await watch.waitUntilNoneIsLeft()
  }

  private func beginToClose() {
    streamThreads.close()
    for feed in openStreams.withLock({ Array($0.values) }) { feed.close() }
    queue.close(threadCount: settings.connectionLimit)
  }

  func perform<Value: Sendable>(
    within limit: Duration,
    _ body: @escaping @Sendable (Job, PooledClient) throws(MongoError) -> Value
  ) async throws(MongoError) -> Value {
    let promise = Promise<Value, MongoError>()
    let job = Job(
      deadline: SteadyClock.now().adding(limit), refuse: { promise.settle(.failure($0)) },
      work: { job, client in
        let result = Result { () throws(MongoError) in try body(job, client) }
        return { promise.settle(result) }
      })
    let queue = queue
    let result = await withTaskCancellationHandler {
      await promise.value {
        if let refusal = queue.add(job) { job.refuse(with: refusal) }
      }
    } onCancel: {
      job.cancel()
      queue.remove(job)
    }
    return try result.get()
  }

  private func startThreads() throws(MongoError) {
    // The threads hold queue and pool and not the client, so that a forgotten client still ends them.
    let (queue, pool, workers, streams, watch) = (queue, pool, workers, streamThreads, watch)
    for number in 1...settings.connectionLimit {
      try workers.begin(atMost: settings.connectionLimit)
      OwnThread.start(named: "mongo-\(number)") {
        Self.serve(queue, pool)
        workers.end()
      }
    }
    try watch.begin(atMost: 1)
    OwnThread.start(named: "mongo-watch") {
      while queue.watchDeadlines() {}
      workers.blockUntilNoneIsLeft()
      streams.blockUntilNoneIsLeft()
      pool.end()
      watch.end()
    }
  }

  /// In a function of its own: at its end the thread's libmongoc client is given back.
  private static func serve(_ queue: JobQueue, _ pool: ClientPool) {
    var own: PooledClient?
    while let job = queue.take() {
      do throws(MongoError) {
        let client = if let own { own } else { try PooledClient(pool) }
        own = client
        job.run(on: client)
      } catch {
        job.refuse(with: error)
      }
      queue.finished(job)
    }
  }
}
