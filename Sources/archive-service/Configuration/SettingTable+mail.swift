// The rows of the table that concern mail and alerts.

import ArchiveService
import SMTPClient

extension SettingTable {
  static let mail: [SettingKey] = [
    mailURL,
    .optional(
      "mail.from", default: "none, needed with mail.url",
      allowed: "an address, or a name and an address such as Chat <chat@example.org>",
      "Whom letters are from; the name is what letters call this place."
    ) { text, settings in
      guard let box = MailBox(text) else { return false }
      settings.mail.from = box
      if !box.name.isEmpty { settings.service.mail.siteName = box.name }
      return true
    },
    .choice(
      "mail.startTLS", \.mail.startTLS,
      "automatic: smtp:// goes over to TLS before anything else, except to a server on this machine. never: in the clear."
    ),
    .optional(
      "mail.caFile", default: "the system's certificates", allowed: "the path of a PEM file",
      "The certificates to trust instead of the system's."
    ) { text, settings in
      guard !text.isEmpty, !text.utf8.contains(0) else { return false }
      settings.mail.caFile = text
      return true
    },
    .duration(
      "mail.timeout", \.mail.timeout, .seconds(1)...Duration.seconds(80),
      "Sending one letter may take that long; then it is tried again."),
    .duration(
      "mail.giveUpAfter", \.service.mail.giveUpAfter, .seconds(60)...day * 30,
      "A letter that could not be sent for that long is given up."),
    .number(
      "mail.queueLimit", \.service.mail.queueLimit, 1...10_000_000,
      "Letters that may wait; above it, what would write one is refused."),
  ]

  static let alerts: [SettingKey] = [
    .optional(
      "alerts.to", default: "none, troubles are only logged",
      allowed: "1 to 10 addresses, separated by commas",
      "Who gets a mail when archiving fails, a store is down, the disk is nearly full, or passwords are guessed."
    ) { text, settings in
      let addresses = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
      guard (1...10).contains(addresses.count),
        addresses.allSatisfy({ MailAddress($0) != nil })
      else { return false }
      settings.service.alerts.to = addresses
      return true
    },
    .choice("alerts.language", \.service.alerts.language, "The language of these mails."),
    .duration(
      "alerts.after", \.service.alerts.after, .zero...day,
      "A trouble is told when it has lasted that long."),
    .duration(
      "alerts.repeatAfter", \.service.alerts.repeatAfter, .seconds(60)...day * 365,
      "A trouble that goes on is told again after that time."),
    .size(
      "alerts.diskFree", \.service.alerts.diskFreeBytes, 0...1 << 50,
      "Less free space than that where data.directory lies is told."),
    .number(
      "alerts.signInFailures", \.service.alerts.signInFailures, 0...10_000,
      "That many failed sign-ins within alerts.signInWindow are told as an attack; 0: never."),
    .duration(
      "alerts.signInWindow", \.service.alerts.signInWindow, .seconds(1)...day,
      "See alerts.signInFailures."),
  ]

  private static let mailURL: SettingKey = {
    let allowed =
      "a URL such as smtp://user:password@host:587 or smtps://host, user and password percent-encoded"
    return SettingKey(
      name: "mail.url", allowed: allowed, defaultText: "none, letters go to the log",
      meaning: "The mail server that delivers letters. Better set by ARCHIVE_MAIL_URL.",
      isSecret: true
    ) { text, settings in
      guard SMTPServer(text) != nil else { throw ValueError(allowed: allowed) }
      settings.mail.url = Secret(Array(text.utf8))
    }
  }()
}
