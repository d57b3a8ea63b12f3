// The port behind which mail leaves the house.

public import ArchiveCore

/// Hands mails to a server that delivers them.
///
/// - `send` returns when the server has taken the mail over, and not before.
/// - It ends within a time that its maker set, whatever the server does.
/// - A mail whose fate is unknown (the connection broke at its end) is `away`; it is sent again with the same `id`, from
///   which its Message-ID is made, so that a double can be recognised.
public protocol MailSender: Sendable {
  func send(_ mail: OutgoingMail) async throws(MailError)
}

/// One mail to one person, in words.
public struct OutgoingMail: Sendable {
  /// Stays the same however often it is tried.
  public let id: String
  public let to: Mailbox
  public let subject: String
  public let text: String
  /// The same as `text`, as a page without anything to load.
  public let html: String
  public let language: Language
  public let date: Timestamp

  public init(
    id: String, to: Mailbox, subject: String, text: String, html: String, language: Language,
    date: Timestamp
  ) {
    (self.id, self.to, self.subject, self.text) = (id, to, subject, text)
    (self.html, self.language, self.date) = (html, language, date)
  }
}

/// Why a mail was not taken over.
public struct MailError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// Not this mail, not to this address, not ever.
    case refused
    /// Not this mail now; others may go.
    case later
    /// No mail now: no connection, no sign-in, or a fault of ours that the operator must mend.
    case away
  }

  public let kind: Kind
  /// For the operator: lower case, ending in key=`value`; neither the words of the mail nor a secret nor an address.
  public let message: String

  public init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

  public var description: String { "\(kind.rawValue): \(message)" }
}
