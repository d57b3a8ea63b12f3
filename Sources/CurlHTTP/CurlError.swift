// Why a request has no whole answer.

/// What went wrong below HTTP; an answer with status 500 is an answer, not an error.
public struct CurlError: Error, Sendable {
  /// What the caller can do about it follows from the kind.
  public enum Kind: String, Sendable {
    /// No connection: name, address, refused, connect deadline. Nothing was sent.
    case unreachable
    /// The certificate or the TLS handshake is not acceptable. Nothing was sent.
    case untrusted
    /// The connection broke, or the answer was cut off. Whether the server acted is unknown.
    case broken
    /// A deadline passed after the connection stood. Whether the server acted is unknown.
    case timedOut
    /// The answer is no HTTP that this client takes, or its head is too large.
    case badAnswer
    /// The body is longer than the caller allows.
    case answerTooLarge
    /// The request cannot be sent as it is: URL, method, header.
    case invalidRequest
    /// The source of the body threw, or gave another number of bytes than it said; see `cause`.
    case sourceFailed
    /// The task was cancelled.
    case cancelled
    /// The limit of requests is reached.
    case busy
    /// The client is closed.
    case closed
  }

  /// Decides what the caller does.
  public let kind: Kind
  /// For a human; names neither path nor query, which may hold secrets.
  public let message: String
  /// libcurl's own number, where it gave one.
  public let code: Int?
  /// What a body's source threw.
  public let cause: (any Error)?

  /// For this module, and for tests of those who handle errors.
  public init(_ kind: Kind, _ message: String, code: Int? = nil, cause: (any Error)? = nil) {
    (self.kind, self.message, self.code, self.cause) = (kind, message, code, cause)
  }
}

extension CurlError: CustomStringConvertible {
  public var description: String {
    var text = "\(kind.rawValue): \(message)"
    if let code { text += " code=`\(code)`" }
    if let cause { text += " cause=`\(cause)`" }
    return text
  }
}
