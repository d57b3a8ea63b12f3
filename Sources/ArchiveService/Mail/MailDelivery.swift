// Sends what waits in the outbox, beside other nodes that do the same.

import ArchiveCore
import Logging

/// The worker of the outbox.
///
/// A node takes a letter in hand by writing its `holder`, sends it, and deletes it. A letter that stays in one hand for
/// `leaseLifetime` is free again; who waits for that measures on its own steady clock, so a wrong clock takes nothing
/// from anybody. A node that dies between sending and deleting leaves a letter that is sent twice, with the same
/// Message-ID: the price of never losing one.
///
/// What one address refuses delays that letter alone. A server that is away delays all: then nothing is tried until a
/// growing pause is over, so that an outage costs one attempt and not one per letter. A server that goes away whenever
/// it gets one letter, and takes others, is not away: that delays the letter alone, too (`SuspectLetters`).
struct MailDelivery: Sendable {
  /// Letters that one look takes from the store.
  private static let batch = 20
  /// The longest pause while the server is away.
  private static let longestPause = Duration.seconds(120)
  private static let countingInterval = Duration.seconds(30)

  let letters: Collection<QueuedLetter>
  let carrier: any LetterCarrier
  let seal: LetterSeal
  let settings: ServiceSettings.Mail
  let surroundings: Surroundings
  let totals: MailTotals
  let logger: Logger
  let held: HeldLetters
  private let suspects = SuspectLetters()

  /// Hears the kind of each letter that was given up.
  typealias GivenUp = @Sendable (_ kind: String) async -> Void

  init(
    documents: any DocumentStore, carrier: any LetterCarrier, seal: LetterSeal,
    settings: ServiceSettings.Mail, surroundings: Surroundings, totals: MailTotals, logger: Logger
  ) {
    letters = Collection(in: documents)
    (self.carrier, self.seal, self.settings) = (carrier, seal, settings)
    (self.surroundings, self.totals, self.logger) = (surroundings, totals, logger)
    held = HeldLetters(lifetime: settings.leaseLifetime)
  }

  /// Until cancelled; then what is in hand goes back.
  func run(_ givenUp: GivenUp) async {
    var failures: Int64 = 0
    var nextCount = Duration.zero
    if !letters.store.isShared { await freeAll() }
    while !Task.isCancelled {
      do throws(StoreError) {
        if surroundings.uptime() >= nextCount {
          try await countWaiting()
          nextCount = surroundings.uptime() + Self.countingInterval
        }
        try await round(givenUp)
        if failures > 0 { logger.notice("letters are sent again") }
        failures = 0
      } catch {
        failures += 1
        if failures == 1 { report(outage: error) }
      }
      let pause =
        failures == 0
        ? settings.interval
        : backoff(from: .seconds(1), after: failures, atMost: Self.longestPause)
      do { try await surroundings.sleep(pause) } catch { return }
    }
  }

  /// Sends everything that is due. Throws `unavailable` when the store or the mail server is away.
  func round(_ givenUp: GivenUp) async throws(StoreError) {
    while !Task.isCancelled {
      let due = try await dueLetters()
      for letter in due where !Task.isCancelled {
        guard let taken = try await take(letter) else { continue }
        try await deliver(taken, givenUp)
      }
      if due.count < Self.batch { return }
    }
  }

  private func dueLetters() async throws(StoreError) -> [QueuedLetter] {
    let free = try await letters.find(
      where: .and([
        .equal("holder", .string(QueuedLetter.free)),
        .lessOrEqual("dueAt", .time(surroundings.now())),
      ]), sort: [.ascending("holder"), .ascending("dueAt")], limit: Self.batch)
    let inHand = try await letters.find(
      where: .greater("holder", .string(QueuedLetter.free)),
      sort: [.ascending("holder"), .ascending("dueAt")], limit: Self.batch)
    return held.abandoned(among: inHand, at: surroundings.uptime()) + free
  }

  /// `nil` where another node was faster.
  private func take(_ letter: QueuedLetter) async throws(StoreError) -> QueuedLetter? {
    try await letters.update(
      where: letter.isUnchanged,
      [.set("holder", .string(surroundings.newID().description)), .increment("attempts", 1)])
  }

  // MARK: One letter

  private func deliver(_ queued: QueuedLetter, _ givenUp: GivenUp) async throws(StoreError) {
    guard let letter = seal.open(queued.sealed, id: queued.id) else {
      return try await drop(queued, "it was sealed under another auth.secret, or altered", givenUp)
    }
    guard surroundings.now() < queued.giveUpAt else {
      return try await drop(queued, "it could not be sent in time", givenUp)
    }
    do throws(MailError) {
      try await carrier.carry(letter, queued)
    } catch {
      return try await settle(queued, after: error)
    }
    totals.count { $0.sent += 1 }
    suspects.forget(queued.id)
    await untilDeleted(queued)
  }

  private func settle(_ queued: QueuedLetter, after error: MailError) async throws(StoreError) {
    switch error.kind {
    case .refused:
      suspects.forget(queued.id)
      totals.count { $0.refused += 1 }
      logger.warning("a letter was refused for good", metadata: facts(queued, error.message))
      _ = try await delete(queued)
    case .away where !suspects.isToBlame(queued.id, sent: totals.measurements.sent):
      // A moment behind all others: should it be this one that the server dies of, they come first.
      try await free(
        queued, dueAt: surroundings.now().advanced(by: .milliseconds(1)), attempts: -1)
      throw StoreError(.unavailable, error.message)
    case .later, .away:
      logger.info("a letter must wait", metadata: facts(queued, error.message))
      let pause = backoff(from: .seconds(30), after: queued.attempts, atMost: .seconds(3600))
      try await free(queued, dueAt: surroundings.now().advanced(by: pause))
    }
  }

  private func drop(_ queued: QueuedLetter, _ reason: String, _ givenUp: GivenUp)
    async throws(StoreError)
  {
    guard try await delete(queued) > 0 else { return }
    totals.count { $0.givenUp += 1 }
    suspects.forget(queued.id)
    logger.error("a letter was given up", metadata: facts(queued, reason))
    await givenUp(queued.kind)
  }

  private func free(_ queued: QueuedLetter, dueAt: Timestamp, attempts: Int64 = 0)
    async throws(StoreError)
  {
    _ = try await shielded { () async throws(StoreError) in
      try await letters.update(
        where: queued.isUnchanged,
        [
          .set("holder", .string(QueuedLetter.free)), .set("dueAt", .time(dueAt)),
          .increment("attempts", attempts),
        ])
    }
  }

  private func delete(_ queued: QueuedLetter) async throws(StoreError) -> Int {
    try await shielded { () async throws(StoreError) in
      try await letters.delete(where: queued.isUnchanged)
    }
  }

  /// The mail is out: it must not be taken for waiting, however long the store is away.
  private func untilDeleted(_ queued: QueuedLetter) async {
    var failures: Int64 = 0
    while true {
      do throws(StoreError) {
        _ = try await delete(queued)
        return
      } catch {
        failures += 1
        logger.warning("a sent letter cannot be deleted yet", metadata: ["error": "\(error)"])
        let pause = backoff(from: .seconds(1), after: failures, atMost: .seconds(10))
        do { try await surroundings.sleep(pause) } catch { return }
      }
    }
  }

  /// Stores refuse what a cancelled task asks of them; but what became of a letter must be written down when the server
  /// stops in just that moment, or it would be sent twice.
  private func shielded<Value: Sendable>(
    _ work: @escaping @Sendable () async throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    let task = Task { () async -> Result<Value, StoreError> in
      do throws(StoreError) { return .success(try await work()) } catch { return .failure(error) }
    }
    return try await task.value.get()
  }

  /// What an earlier process had in hand; where nobody else shares the store it is gone.
  private func freeAll() async {
    do throws(StoreError) {
      try await letters.store.update(
        Update(
          letters.name, where: .greater("holder", .string(QueuedLetter.free)),
          [.set("holder", .string(QueuedLetter.free))], extent: .all))
    } catch {
      // They are free again after `leaseLifetime` all the same.
      logger.info("letters in hand were not freed", metadata: ["error": "\(error)"])
    }
  }

  private func countWaiting() async throws(StoreError) {
    let waiting = try await letters.store.count(letters.name, where: .everything)
    totals.count { $0.waiting = waiting }
  }

  // MARK: Telling

  private func report(outage error: StoreError) {
    logger.error(
      "letters cannot be sent; none is lost, they are tried again", metadata: ["error": "\(error)"])
  }

  private func facts(_ queued: QueuedLetter, _ reason: String) -> Logger.Metadata {
    [
      "letter": "\(queued.id)", "kind": "\(queued.kind)", "domain": "\(queued.to.domain)",
      "attempts": "\(queued.attempts)", "reason": "\(reason)",
    ]
  }

  /// Doubles, with up to half of it taken off at random so that nodes and letters do not come back together.
  private func backoff(from first: Duration, after failures: Int64, atMost longest: Duration)
    -> Duration
  {
    let whole = min(longest, first * (1 << min(max(failures - 1, 0), 12)))
    return whole - whole * Double(surroundings.random() % 512) / 1024
  }
}
