// The background worker of the log: flushes what is due, compacts, sweeps, and survives a store that is away.

internal import Logging

/// Runs rounds of archiving, each under the lease.
struct Archivist: Sendable {
  let documents: any DocumentStore
  let buffer: LogBuffer
  let watch: BufferWatch
  let snapshots: SnapshotWriter
  let flusher: Flusher
  let compactor: Compactor
  let sweeper: Sweeper
  let leases: LeaseTaker
  let totals: LogTotals
  let settings: LogSettings
  let surroundings: Surroundings
  let logger: Logger

  /// Conversations compacted between two flushes.
  private static let compactionsInARow = 8
  /// The longest pause after failures.
  private static let longestPause = Duration.seconds(60)

  /// Recovers what an earlier process left in the buffer, then archives as time goes by, until cancelled.
  func run() async {
    await retrying("reading the buffer") { () async throws(StoreError) in try await recover() }
    var failures = 0
    var nextLook = surroundings.uptime() + settings.maxAge
    while !Task.isCancelled {
      await pause(after: failures)
      if Task.isCancelled { return }
      do throws(StoreError) {
        try await recoverIfAsked()
        if surroundings.uptime() >= nextLook {
          try await collectStragglers()
          nextLook = surroundings.uptime() + settings.maxAge
        }
        try await roundNow()
        if failures > 0 { logger.notice("archiving works again") }
        failures = 0
      } catch {
        failures += 1
        report("archiving", error, failures)
      }
      let inARow = failures
      totals.count { $0.flushFailuresInARow = inARow }
    }
  }

  /// Flushes the conversation, or everything buffered, now. Waits for the lease; `unavailable` where another keeps it.
  func flushNow(_ conversation: ConversationID?) async throws(StoreError) {
    var conversations: [ConversationID] = []
    if let conversation {
      conversations = [conversation]
    } else {
      try await recover()
      conversations = watch.due(at: surroundings.uptime() + settings.maxAge + settings.idle)
    }
    let start = surroundings.uptime()
    while true {
      let isDone = try await underLease { (lease) async throws(StoreError) in
        try await snapshots.writeUnlessCorrupt(under: lease)
        try await flusher.flush(conversations, under: lease)
      }
      if isDone { return }
      guard surroundings.uptime() - start < settings.leaseLifetime + .seconds(5) else {
        throw StoreError(
          .unavailable, "another process is archiving", hint: "try again in a moment")
      }
      do { try await surroundings.sleep(.milliseconds(100)) } catch {
        throw StoreError(.unavailable, "the flush was cancelled")
      }
    }
  }

  /// One round: a snapshot, flush what is due, then compact and sweep a little.
  func roundNow() async throws(StoreError) {
    let due = watch.due(at: surroundings.uptime())
    let compactable = try await compactor.due(limit: Self.compactionsInARow)
    let hasRetired = try await sweeper.hasWork()
    // Before what it belongs to: an entry in the object store then finds its conversation there.
    let wantsSnapshot = due.isEmpty ? try await snapshots.isDue() : true
    guard !due.isEmpty || !compactable.isEmpty || hasRetired || wantsSnapshot else { return }
    _ = try await underLease { (lease) async throws(StoreError) in
      await surroundings.reached(.flushLeased)
      let flushing = await failure { () async throws(StoreError) in
        if wantsSnapshot { try await snapshots.writeUnlessCorrupt(under: lease) }
        try await flusher.flush(due, under: lease)
        for conversation in compactable { try await compactOrReport(conversation, under: lease) }
      }
      // Even after a failure: a flush may be waiting for a sweep to finish with a key.
      let sweeping = await failure { () async throws(StoreError) in
        if hasRetired { try await sweeper.sweep(under: lease) }
      }
      if let failure = flushing ?? sweeping { throw failure }
    }
  }

  private func failure(of work: () async throws(StoreError) -> Void) async -> StoreError? {
    do throws(StoreError) {
      try await work()
      return nil
    } catch {
      return error
    }
  }

  /// Does the work where the lease can be had, and gives the lease back; false where another process has it.
  private func underLease(_ work: (ArchiveLease) async throws(StoreError) -> Void)
    async throws(StoreError) -> Bool
  {
    guard let lease = try await leases.take() else { return false }
    do throws(StoreError) {
      try await work(lease)
    } catch {
      // The work's error is the one to tell; a lease that cannot be given back expires.
      try? await lease.release(in: documents)
      throw error
    }
    try await lease.release(in: documents)
    return true
  }

  private func compactOrReport(_ conversation: ConversationID, under lease: ArchiveLease)
    async throws(StoreError)
  {
    do throws(StoreError) {
      try await compactor.compact(conversation, under: lease)
    } catch  where error.kind == .corrupt {
      logger.critical(
        "a conversation cannot be compacted: its archive is damaged; run verify",
        metadata: ["conversation": "\(conversation)", "error": "\(error)"])
    }
  }

  /// Waits for the next window, or for a conversation that is due for its size; longer after failures.
  private func pause(after failures: Int) async {
    guard failures == 0 else {
      let pause = surroundings.backoff(after: failures, atMost: Self.longestPause)
      try? await surroundings.sleep(pause)
      return
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await surroundings.sleep(settings.window) }
      group.addTask { await watch.bellRang() }
      await group.next()
      group.cancelAll()
    }
  }

  private func retrying(_ what: String, _ work: () async throws(StoreError) -> Void) async {
    var failures = 0
    while !Task.isCancelled {
      do throws(StoreError) {
        return try await work()
      } catch {
        failures += 1
        report(what, error, failures)
        await pause(after: failures)
      }
    }
  }

  private func report(_ what: String, _ error: StoreError, _ failures: Int) {
    totals.count { $0.flushFailures += 1 }
    logger.error(
      "\(what) failed; nothing is lost, it is tried again",
      metadata: ["error": "\(error)", "failuresInARow": "\(failures)"])
  }
}
