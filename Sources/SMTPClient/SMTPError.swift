// Why a mail was not taken over.

/// What went wrong, in terms of what the caller can do about it.
public struct SMTPError: Error, Sendable {
  public enum Kind: String, Sendable {
    /// No connection: name, address, refused, connect deadline. Nothing was sent. Try again later.
    case unreachable
    /// The certificate or the TLS handshake is not acceptable, or TLS is required and not offered. Nothing was sent.
    /// The operator must mend it.
    case untrusted
    /// The server wants another user name or password, or wants one at all. The operator must mend it.
    case notSignedIn
    /// The server said no for good (5yz); `stage` says to what.
    case refused
    /// The server said no for now (4yz); `stage` says to what.
    case later
    /// The connection broke, or a deadline passed. Whether the mail was taken over is unknown where `stage` is `.body`.
    case broken
    /// The message cannot be sent as it is: an address, a header, its size.
    case invalidMessage
    /// The task was cancelled before the mail went out.
    case cancelled
    /// Too much waits already.
    case busy
    /// The client is closed.
    case closed
  }

  /// Decides what the caller does.
  public let kind: Kind
  /// For a human. It holds neither the server's words nor an address, a text or a password.
  public let message: String
  /// How far the dialogue had come; `nil` where there was none.
  public let stage: SMTPStage?
  /// What the server said last, where that is why.
  public let reply: SMTPReply?

  /// For this module, and for tests of those who handle errors.
  public init(_ kind: Kind, _ message: String, stage: SMTPStage? = nil, reply: SMTPReply? = nil) {
    (self.kind, self.message, self.stage, self.reply) = (kind, message, stage, reply)
  }

  /// Whether the same mail may succeed later without anybody mending anything.
  public var isTransient: Bool {
    switch kind {
    case .unreachable, .later, .broken, .busy: true
    case .untrusted, .notSignedIn, .refused, .invalidMessage, .cancelled, .closed: false
    }
  }
}

extension SMTPError: CustomStringConvertible {
  public var description: String {
    var text = "\(kind.rawValue): \(message)"
    if let stage { text += " stage=`\(stage.rawValue)`" }
    if let reply { text += " reply=`\(reply)`" }
    return text
  }
}

/// How far an SMTP dialogue has come: what the last command was.
public enum SMTPStage: String, Sendable, Comparable, CaseIterable {
  case connecting, hello, startTLS, signIn, sender, recipient, data, body

  public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The numbers of a reply: `550`, and `5.1.1` where the server gives one (RFC 3463). Its words are not kept: they may
/// hold addresses.
public struct SMTPReply: Sendable, Hashable, CustomStringConvertible {
  /// 200 to 599.
  public let code: Int
  /// Class, subject and detail, such as `5.1.1`.
  public let status: String?

  public init(code: Int, status: String? = nil) { (self.code, self.status) = (code, status) }

  /// The subject of the status: 1 addresses, 2 mailboxes, 3 the server, 4 the way, 5 the protocol, 6 content, 7 policy.
  public var subject: Int? {
    guard let parts = status?.split(separator: "."), parts.count == 3 else { return nil }
    return Int(parts[1])
  }

  public var description: String { status.map { "\(code) \($0)" } ?? "\(code)" }
}
