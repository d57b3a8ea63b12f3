// Who takes a letter out of the outbox: a mail server, or the log where there is none.

import ArchiveCore
import Logging
import Synchronization

/// Takes a letter over, or says why not. Ends in time, whatever happens.
protocol LetterCarrier: Sendable {
  func carry(_ letter: Letter, _ queued: QueuedLetter) async throws(MailError)
}

/// Gives a letter words, and hands it to the mail server.
struct MailingCarrier: LetterCarrier {
  let sender: any MailSender
  let siteName: String

  func carry(_ letter: Letter, _ queued: QueuedLetter) async throws(MailError) {
    let words = LetterText(letter, in: queued.language, siteName: siteName, to: queued.to.name)
    try await sender.send(
      OutgoingMail(
        id: queued.id, to: Mailbox(address: Self.wireForm(queued.to.address)),
        subject: words.subject,
        text: words.text, html: words.html,
        language: queued.language, date: queued.createdAt))
  }
}

extension MailingCarrier {
  /// The address with its domain as DNS knows it: in headers and commands there is nothing but ASCII behind the `@`.
  /// Before the `@` it stays as its owner typed it.
  static func wireForm(_ address: String) -> String {
    guard let domain = EmailAddress(address)?.key.split(separator: "@").last,
      let at = address.lastIndex(of: "@")
    else { return address }
    return address[..<at] + "@" + domain
  }
}

/// Writes letters to the log, for a deployment without a mail server. The first one comes with a warning.
///
/// Links are secrets and belong in no log; here the log is the only way to whoever tries the server out.
final class LoggingCarrier: LetterCarrier {
  private let logger: Logger
  private let hasWarned = Mutex(false)

  init(logger: Logger) { self.logger = logger }

  func carry(_ letter: Letter, _ queued: QueuedLetter) async throws(MailError) {
    let isFirst = hasWarned.withLock { hasWarned in
      defer { hasWarned = true }
      return !hasWarned
    }
    if isFirst {
      logger.warning(
        "mail.url is not set: letters are not sent, and their links are written to the log at level notice; whoever reads the log can use them"
      )
    }
    var facts: Logger.Metadata = ["kind": "\(letter.kind)", "to": "\(queued.to.address)"]
    if let link = letter.link { facts["link"] = "\(link)" }
    logger.notice("letter", metadata: facts)
  }
}
