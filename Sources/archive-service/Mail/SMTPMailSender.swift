// The port for mails on top of the SMTP client.

import ArchiveCore
import ArchiveService
import SMTPClient

/// Sends letters through one mail server; close it at the end.
struct SMTPMailSender: MailSender {
  private let client: SMTPClient
  private let from: MailBox

  /// `nil` where the settings name no server. Throws `SMTPError` for settings that cannot work.
  init?(_ settings: MailSettings) throws(SMTPError) {
    guard let (client, from) = settings.client else { return nil }
    self.client = try SMTPClient(settings: client)
    self.from = from
  }

  func send(_ mail: OutgoingMail) async throws(MailError) {
    guard let address = MailAddress(mail.to.address) else {
      throw MailError(.refused, "mail cannot go to an address of this form")
    }
    let message = MailMessage(
      from: from, to: [MailBox(address, name: mail.to.name)], subject: mail.subject,
      text: mail.text, html: mail.html, date: mail.date.milliseconds / 1000, id: mail.id,
      language: mail.language.rawValue)
    do {
      try await client.send(message)
    } catch {
      throw MailError(error)
    }
  }

  func close() async { await client.close() }
}

extension MailError {
  /// What a failure means for one letter, and for those behind it.
  ///
  /// For good is only what the server says of this very recipient or message. What concerns the sender, or policy at
  /// the recipient (a relay that does not know us: 5.7.1), is a fault that an operator mends: letters wait for that.
  init(_ error: SMTPError) {
    let kind: Kind =
      switch (error.kind, error.stage) {
      case (.refused, .body), (.invalidMessage, _): .refused
      case (.refused, .recipient): error.reply?.subject == 7 ? .later : .refused
      // 552 to MAIL FROM is about the size.
      case (.refused, .sender) where error.reply?.code == 552: .refused
      // 421: the server is closing, whatever it was asked.
      case (.later, .recipient), (.later, .body): error.reply?.code == 421 ? .away : .later
      default: .away
      }
    self.init(kind, "\(error)")
  }
}
