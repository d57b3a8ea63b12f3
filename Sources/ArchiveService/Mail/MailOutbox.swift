// The letters that wait to be sent: written in the same transaction as what they tell of.

import ArchiveCore
import Logging
import Synchronization

/// The way to write to somebody. A letter is durable once it is written, and then it is sent: once as a rule, by one
/// node, tried again for `ServiceSettings.Mail.giveUpAfter`.
///
/// Who wants both or none, a change and the letter about it, puts `step` into the change's transaction; who wants the
/// change in any case, `notice`. A value of references; copies share everything. Safe from any task.
struct MailOutbox: Sendable {
  private let letters: Collection<QueuedLetter>
  private let seal: LetterSeal
  private let settings: ServiceSettings.Mail
  private let surroundings: Surroundings
  private let delivery: MailDelivery
  private let totals: MailTotals
  private let logger: Logger

  /// - Parameter carrier: who takes the letters; see `LetterCarrier`.
  init(
    documents: any DocumentStore, carrier: any LetterCarrier, secret: Secret,
    settings: ServiceSettings.Mail, surroundings: Surroundings, logger: Logger
  ) {
    letters = Collection(in: documents)
    seal = LetterSeal(secret: secret, surroundings: surroundings)
    totals = MailTotals()
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
    delivery = MailDelivery(
      documents: documents, carrier: carrier, seal: seal, settings: settings,
      surroundings: surroundings, totals: totals, logger: logger)
  }

  /// The letter as a step of a transaction.
  ///
  /// - Parameter usefulUntil: when its link expires; it is not sent after that.
  /// - Throws: `unavailable` where too many letters wait already, `invalid` where it cannot be written down.
  func step(
    _ letter: Letter, to: Mailbox, in language: Language, usefulUntil: Timestamp? = nil
  ) throws(StoreError) -> TransactionStep {
    .insert(try queued(letter, to, language, usefulUntil).document(), into: letters.name)
  }

  /// The letter as a step of a transaction that must not depend on it: none where too many letters wait already, which
  /// the log tells once and `/metrics` counts.
  ///
  /// For what protects an account: whoever fills the outbox must not keep a stolen session alive by that.
  func notice(_ letter: Letter, to: Mailbox, in language: Language) throws(StoreError)
    -> [TransactionStep]
  {
    guard hasRoom else {
      if totals.leaveOut() {
        logger.error(
          "too many letters wait: notices to users are left out until there is room",
          metadata: ["limit": "\(settings.queueLimit)"])
      }
      return []
    }
    totals.foundRoom()
    return [try step(letter, to: to, in: language)]
  }

  /// Writes the letter down alone. It is durable when this returns.
  func post(
    _ letter: Letter, to: Mailbox, in language: Language, usefulUntil: Timestamp? = nil
  ) async throws(StoreError) {
    try await letters.insert(try queued(letter, to, language, usefulUntil))
  }

  /// Sends what waits as time goes by, until cancelled. Once per process that serves.
  ///
  /// - Parameter givenUp: hears the kind of each letter that could not be sent in all its time.
  func run(givenUp: @escaping MailDelivery.GivenUp = { _ in }) async { await delivery.run(givenUp) }

  /// What was sent since the start, and what waits.
  var measurements: MailMeasurements { totals.measurements }

  private var hasRoom: Bool { totals.measurements.waiting < settings.queueLimit }

  private func queued(
    _ letter: Letter, _ to: Mailbox, _ language: Language, _ usefulUntil: Timestamp?
  ) throws(StoreError) -> QueuedLetter {
    guard hasRoom else {
      throw StoreError(
        .unavailable, "too many letters wait to be sent limit=`\(settings.queueLimit)`")
    }
    let (id, now) = (surroundings.newID().description, surroundings.now())
    let last = now.advanced(by: settings.giveUpAfter)
    return QueuedLetter(
      id: id, kind: letter.kind, to: to, language: language,
      sealed: try seal.seal(letter, id: id), createdAt: now, dueAt: now,
      giveUpAt: min(last, usefulUntil ?? last), attempts: 0, holder: QueuedLetter.free)
  }
}

/// What became of letters since the process started, and how many wait.
struct MailMeasurements: Sendable {
  var sent = 0
  var refused = 0
  var givenUp = 0
  /// Notices that were not written, as too many letters waited.
  var leftOut = 0
  /// When last counted; of all nodes.
  var waiting = 0
}

/// The counts behind a lock. Safe from any thread.
final class MailTotals: Sendable {
  private struct State {
    var counts = MailMeasurements()
    var lacksRoom = false
  }

  private let state = Mutex(State())

  func count(_ change: (inout MailMeasurements) -> Void) { state.withLock { change(&$0.counts) } }

  /// Counts a letter for which there was no room; whether it is the first since there was some.
  func leaveOut() -> Bool {
    state.withLock { state in
      defer { state.lacksRoom = true }
      state.counts.leftOut += 1
      return !state.lacksRoom
    }
  }

  func foundRoom() { state.withLock { $0.lacksRoom = false } }

  var measurements: MailMeasurements { state.withLock { $0.counts } }
}

extension MailMeasurements {
  var samples: [MetricSample] {
    [
      Self.sample("mail_sent", "Letters sent since the start.", sent),
      Self.sample("mail_refused", "Letters that were refused for good since the start.", refused),
      Self.sample("mail_given_up", "Letters given up since the start.", givenUp),
      Self.sample(
        "mail_left_out", "Notices not written because too many letters waited, since the start.",
        leftOut),
      Self.sample("mail_waiting", "Letters that wait to be sent, on all nodes.", waiting),
    ]
  }

  private static func sample(_ name: String, _ help: String, _ value: Int) -> MetricSample {
    MetricSample(name: "archive_" + name, help: help, value: Double(value))
  }
}
