// Several changes that happen together or not at all.

extension MongoClient {
  /// Runs the closure in a transaction and commits it; a closure that throws, or a step that failed, aborts it.
  ///
  /// The closure may run several times: again as a whole when another operation was faster or the primary changed.
  /// It reads one snapshot. The commit waits for the disks of the majority, and is repeated while its outcome is
  /// unknown, as drivers have agreed on
  /// (https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api).
  ///
  /// - Parameter limit: the deadline, from now, repetitions included; `transactionDeadline` where nothing is said.
  /// - Throws: `unknownOutcome` only where the commit was sent; `transient` when others were faster until the end.
  @discardableResult
  public func transaction<Value: Sendable>(
    within limit: Duration? = nil,
    _ body: @escaping @Sendable (borrowing MongoConnection) throws(MongoError) -> Value
  ) async throws(MongoError) -> Value {
    let settings = settings
    return try await perform(within: limit ?? settings.transactionDeadline) {
      (job, client) throws(MongoError) in
      var number = 0
      while true {
        do throws(MongoError) {
          return try Self.attempt(body, job, client, settings)
        } catch {
          client.abortTransaction()
          guard error.mayRepeatTransaction, job.millisecondsLeft > 0 else { throw error }
          number += 1
          // The faster one needs a moment to end.
          SteadyClock.pause(.milliseconds(min(100, 1 << min(number, 7))))
        }
      }
    }
  }

  private static func attempt<Value: Sendable>(
    _ body: (borrowing MongoConnection) throws(MongoError) -> Value,
    _ job: Job, _ client: PooledClient, _ settings: MongoSettings
  ) throws(MongoError) -> Value {
    try job.begin(isChanging: false)
    try client.startTransaction(commitLimit: max(1, job.millisecondsLeft))
    let state = RunningTransaction()
    let connection = MongoConnection(
      client: client, job: job, settings: settings, transaction: state)
    let value = try body(connection)
    if let failure = state.failure { throw failure }
    try job.begin(isChanging: true)
    try commit(job, client)
    return value
  }

  private static func commit(_ job: Job, _ client: PooledClient) throws(MongoError) {
    var number = 0
    while true {
      do throws(MongoError) {
        return try client.commitTransaction()
      } catch {
        guard error.leavesCommitOpen else { throw error }
        guard job.millisecondsLeft > 0, !job.isSettled else { throw error.asUnknownOutcome }
        number += 1
        SteadyClock.pause(.milliseconds(min(500, 1 << min(number, 9))))
      }
    }
  }
}

extension MongoError {
  /// Whether all of a transaction may be done again: nothing of it happened.
  fileprivate var mayRepeatTransaction: Bool {
    guard kind != .unknownOutcome else { return false }
    return isBreak || kind == .transient || kind == .notPrimary
      || labels.contains("TransientTransactionError")
  }

  /// Whether the commit may have happened, so that it is to be sent again.
  fileprivate var leavesCommitOpen: Bool {
    if labels.contains("TransientTransactionError") { return false }
    return labels.contains("UnknownTransactionCommitResult") || isBreak
      || [.unknownOutcome, .timedOut, .notPrimary, .unreachable].contains(kind)
  }
}
