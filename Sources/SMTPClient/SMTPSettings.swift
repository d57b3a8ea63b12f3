// What a client of a mail server may use.

/// The server and the limits of one `SMTPClient`; every limit has a default that is safe.
public struct SMTPSettings: Sendable {
  public var server: SMTPServer
  public var encryption = Encryption.automatic
  /// A file of PEM certificates to trust instead of the system's.
  public var certificateAuthorityFile: String?
  /// What we call ourselves in EHLO; a host name. Unset: the machine's name.
  public var helloName: String?
  /// A connection must stand after that time.
  public var connectDeadline = Duration.seconds(10)
  /// The whole dialogue for one mail. RFC 5321 would let a server take ten minutes for its last word; who waits
  /// that long blocks everybody behind, so the mail is tried again instead.
  public var totalDeadline = Duration.seconds(60)
  /// Mails that may wait; one more is refused with `busy`.
  public var queueLimit = 64
  /// The largest mail as it goes over the wire.
  public var messageLimitBytes = 1 << 20
  /// People who get one mail.
  public var recipientLimit = 50

  public init(server: SMTPServer) { self.server = server }

  /// What is demanded of an `smtp://` connection before anything is said; `smtps://` is always encrypted.
  public enum Encryption: String, Sendable, CaseIterable {
    /// STARTTLS is required, except for a server on this machine, which is spoken to in the clear.
    case automatic
    /// STARTTLS is required.
    case required
    /// In the clear. A password is then given to a server on this machine only.
    case none
  }

  /// Whether the connection begins in the clear and must be encrypted before anything else.
  var requiresStartTLS: Bool {
    switch encryption {
    case .automatic: !server.isTLS && !server.isLocal
    case .required: !server.isTLS
    case .none: false
    }
  }

  /// Refuses here what would fail, or give a secret away, with every mail.
  func check() throws(SMTPError) {
    if encryption == .none, !server.isTLS, server.credentials != nil, !server.isLocal {
      throw SMTPError(
        .untrusted, "a password is not sent without encryption server=`\(server.place)`")
    }
    if let helloName, !MailAddress.isDomain(helloName) {
      throw SMTPError(.invalidMessage, "the name for EHLO is no host name")
    }
  }
}
