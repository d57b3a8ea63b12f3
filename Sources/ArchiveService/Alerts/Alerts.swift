// Tells the operator of troubles by mail, once each.

import ArchiveCore
import Logging
import Synchronization

/// Writes to the operator. Of all nodes one writes, by a document that they share: a trouble is told when it begins,
/// again while it goes on after `repeatAfter`, and once when no node has met it for `quiet`.
///
/// When the document store itself is down there is no outbox and no shared memory: then the mail goes out directly, and
/// each node remembers for itself. Nothing here throws: a trouble that cannot be told is in the log all the same.
final class Alerts: Sendable {
  /// How often a trouble that goes on is noted.
  private static let noting = Duration.seconds(30)

  /// What could not be told in the shared memory: when this node told it.
  private let toldAlone = Mutex<[String: Duration]>([:])
  private let told: Collection<ToldAlert>
  private let outbox: MailOutbox
  private let sender: (any MailSender)?
  private let settings: ServiceSettings
  private let surroundings: Surroundings
  private let logger: Logger

  /// - Parameter sender: for mails past the outbox; `nil` where mails go to the log.
  init(
    documents: any DocumentStore, outbox: MailOutbox, sender: (any MailSender)?,
    settings: ServiceSettings, surroundings: Surroundings, logger: Logger
  ) {
    told = Collection(in: documents)
    (self.outbox, self.sender, self.settings) = (outbox, sender, settings)
    (self.surroundings, self.logger) = (surroundings, logger)
  }

  /// A trouble has begun, or goes on.
  func raise(_ alert: OperatorAlert) async {
    guard isWanted else { return }
    do throws(StoreError) {
      let old = try await told.find(id: alert.key)
      if let old, old.isOpen || !alert.ends, age(old.toldAt) < settings.alerts.repeatAfter {
        return try await note(old)
      }
      let words = alert.words(in: settings.alerts.language)
      let new = ToldAlert(
        id: alert.key, title: words.title, at: surroundings.now(), isOpen: alert.ends)
      try await tell(words, new, replacing: old)
    } catch {
      await tellAlone(alert, error)
    }
  }

  /// Nothing is the matter here but what has these keys. What was told, and what no node has met for `quiet`, is over.
  func endAll(but present: Set<String>) async {
    guard isWanted else { return }
    do throws(StoreError) {
      try await rememberWhatWasToldAlone(but: present)
      let open = try await told.find(where: .equal("isOpen", .bool(true)), limit: 20)
      for old in open where !present.contains(old.id) && age(old.seenAt) >= quiet {
        let words = AlertWords(over: old.title, in: settings.alerts.language)
        let new = ToldAlert(id: old.id, title: old.title, at: surroundings.now(), isOpen: false)
        try await tell(words, new, replacing: old)
      }
    } catch {
      logger.debug("the end of troubles could not be told", metadata: ["error": "\(error)"])
    }
  }

  private var isWanted: Bool { !settings.alerts.to.isEmpty }

  /// Longer than a node needs to be sure of a trouble: one that just started must not say that it is over.
  private var quiet: Duration { settings.alerts.after * 2 + .seconds(60) }

  /// Without end where the clock was set back.
  private func age(_ time: Timestamp) -> Duration {
    let age = surroundings.now().since(time)
    return age < .zero - .seconds(300) ? .seconds(Int64.max / 1000) : age
  }

  /// Nodes that note it at the same time say the same.
  private func note(_ old: ToldAlert) async throws(StoreError) {
    guard old.isOpen, age(old.seenAt) >= Self.noting else { return }
    try await told.update(where: .id(old.id), [.set("seenAt", .time(surroundings.now()))])
  }

  private func tell(_ words: AlertWords, _ new: ToldAlert, replacing old: ToldAlert?)
    async throws(StoreError)
  {
    var steps = [try new.step(replacing: old)]
    for address in settings.alerts.to {
      let letter = Letter.alert(title: words.title, lines: words.lines)
      steps.append(
        try outbox.step(letter, to: Mailbox(address: address), in: settings.alerts.language))
    }
    do throws(StoreError) {
      try await told.store.transact(steps)
    } catch {
      // Another node was faster: it is told.
      guard error.kind == .conflict else { throw error }
      return
    }
    logger.notice(
      "the operator is told of a trouble, or of its end",
      metadata: ["alert": "\(new.id)", "isOver": "\(!new.isOpen)"])
  }

  // MARK: Without a document store

  private func tellAlone(_ alert: OperatorAlert, _ failure: StoreError) async {
    let now = surroundings.uptime()
    let isNew = toldAlone.withLock { told in
      if let before = told[alert.key], now - before < settings.alerts.repeatAfter { return false }
      told[alert.key] = now
      return true
    }
    guard isNew, let sender else { return }
    logger.error(
      "a trouble is told past the outbox",
      metadata: ["alert": "\(alert.key)", "error": "\(failure)"])
    var sent = 0
    for address in settings.alerts.to {
      do throws(MailError) {
        try await sender.send(mail(alert, to: address))
        sent += 1
      } catch {
        logger.error(
          "a trouble could not be told", metadata: ["alert": "\(alert.key)", "error": "\(error)"])
      }
    }
    // Tried again with the next look, so that somebody hears of it; and nobody hears it twice.
    if sent == 0 { toldAlone.withLock { $0[alert.key] = nil } }
  }

  /// The store is back: what was told without it is remembered there, so that its end is told as well.
  private func rememberWhatWasToldAlone(but present: Set<String>) async throws(StoreError) {
    for key in toldAlone.withLock({ Array($0.keys) }) where !present.contains(key) {
      if let alert = OperatorAlert.sample(key: key), alert.ends,
        try await told.find(id: key)?.isOpen != true
      {
        let title = alert.words(in: settings.alerts.language).title
        let new = ToldAlert(id: key, title: title, at: surroundings.now(), isOpen: true)
        let steps = [try new.step(replacing: try await told.find(id: key))]
        do throws(StoreError) { try await told.store.transact(steps) } catch {
          // Another node remembered it.
          guard error.kind == .conflict else { throw error }
        }
      }
      toldAlone.withLock { $0[key] = nil }
    }
  }

  private func mail(_ alert: OperatorAlert, to address: String) -> OutgoingMail {
    let language = settings.alerts.language
    let words = alert.words(in: language)
    let text = LetterText(
      .alert(title: words.title, lines: words.lines), in: language,
      siteName: settings.mail.siteName)
    return OutgoingMail(
      id: surroundings.newID().description, to: Mailbox(address: address), subject: text.subject,
      text: text.text, html: text.html, language: language, date: surroundings.now())
  }
}
