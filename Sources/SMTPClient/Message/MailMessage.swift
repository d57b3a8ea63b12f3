// A mail, and how it is written down.

/// A mail with a text and, if wanted, the same as HTML.
///
/// Any text may stand in any field: the addresses are checked types, and everything else is encoded so that it cannot
/// end a header, a part or the mail.
public struct MailMessage: Sendable {
  public var from: MailBox
  public var to: [MailBox]
  public var subject: String
  public var text: String
  public var html: String?
  /// Seconds since 1970.
  public var date: Int64
  /// The part of the Message-ID before the `@`, whose rest is the sender's domain. The same mail sent again keeps it.
  public var id: String
  /// `en`, `ru`: a language tag, left out where it is none.
  public var language: String?

  public init(
    from: MailBox, to: [MailBox], subject: String, text: String, html: String? = nil, date: Int64,
    id: String, language: String? = nil
  ) {
    (self.from, self.to, self.subject, self.text) = (from, to, subject, text)
    (self.html, self.date, self.id, self.language) = (html, date, id, language)
  }

  /// Not in base 64, and not in quoted-printable, where nothing but digits follows the sign: so it is in no part.
  private static let boundary = "=_alternative"

  /// The mail as it goes over the wire, lines ending in CRLF, dots not doubled.
  ///
  /// Throws `invalidMessage` for a message without recipients, or an `id` that is no dot-atom.
  public func bytes() throws(SMTPError) -> [UInt8] {
    guard !to.isEmpty else { throw SMTPError(.invalidMessage, "the mail has no recipient") }
    guard let identity = MailAddress(local: id, domain: from.address.domain), !identity.needsUTF8
    else { throw SMTPError(.invalidMessage, "the mail's id is no dot-atom") }
    var lines = [
      "Date: \(HeaderDate.text(date))", "From: \(HeaderText.mailbox(from))",
      "To: \(to.map(HeaderText.mailbox).joined(separator: ",\r\n "))",
      "Subject: \(HeaderText.unstructured(subject))", "Message-ID: <\(identity.text)>",
      "MIME-Version: 1.0",
      // RFC 3834: no machine shall answer this with a letter of its own.
      "Auto-Submitted: auto-generated",
    ]
    if let language, Self.isTag(language) { lines.append("Content-Language: \(language)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n").utf8) + content
  }

  private var content: [UInt8] {
    let plain = Self.part("text/plain", text)
    guard let html else { return plain }
    let line = Array("\r\n--\(Self.boundary)\r\n".utf8)
    let head = "Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\"\r\n"
    // The last one that a reader understands is shown, so the page comes last.
    return Array(head.utf8) + line + plain + line + Self.part("text/html", html)
      + Array("\r\n--\(Self.boundary)--\r\n".utf8)
  }

  private static func part(_ type: String, _ text: String) -> [UInt8] {
    let (encoding, body) = TransferEncoding.encode(text)
    let head =
      "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n"
    return Array(head.utf8) + body
  }

  private static func isTag(_ text: String) -> Bool {
    (2...16).contains(text.utf8.count)
      && text.utf8.allSatisfy { (97...122).contains($0 | 0x20) || $0 == UInt8(ascii: "-") }
  }
}
