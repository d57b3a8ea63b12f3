// One HTTP request as it goes out.

/// A request to one URL. Redirects are never followed: the answer with its `Location` is handed back.
public struct CurlRequest: Sendable {
  /// A token, upper case as a rule.
  public var method: String
  /// `http://` or `https://`, already encoded; its path is sent as it is, `..` and `//` included.
  public var url: String
  /// In this order; `Content-Length`, `Transfer-Encoding` and `Expect` follow from the body and are refused.
  public var headers: [CurlHeader]
  /// For PUT and POST `.none` is a body of no bytes.
  public var body: CurlBody
  /// Instead of the client's own.
  public var deadlines: CurlDeadlines?
  /// Whether libcurl may send it a second time by itself, when a connection that was used before turns out dead
  /// without a byte of answer: it cannot know whether the server had acted. False makes that `broken`.
  public var mayBeResent = true

  /// Nothing is checked before the request is sent.
  public init(
    _ method: String, _ url: String, headers: [CurlHeader] = [], body: CurlBody = .none,
    deadlines: CurlDeadlines? = nil
  ) {
    (self.method, self.url, self.headers, self.body, self.deadlines) =
      (method, url, headers, body, deadlines)
  }
}

/// One header field. Names are compared without regard to case; a line break in either part is refused.
public struct CurlHeader: Hashable, Sendable {
  /// A token; its case is kept.
  public let name: String
  /// Without control characters; may be empty.
  public let value: String

  /// Nothing is checked before the request is sent.
  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// The bytes that a request carries.
public enum CurlBody: Sendable {
  /// No body.
  case none
  /// Sent from the array; libcurl may send it again on a fresh connection where a used one turns out dead.
  case bytes([UInt8])
  /// Chunks in order, `length` bytes in all; a source that throws or gives another number breaks the request off.
  case stream(length: Int64, @Sendable () async throws -> [UInt8]?)
}
