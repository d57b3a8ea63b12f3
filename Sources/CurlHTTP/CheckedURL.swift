// What of a request is looked at before libcurl sees it.

/// A URL that may go out: `http` or `https`, printable ASCII, a host, no user name, no fragment.
struct CheckedURL: Sendable {
  static let limitBytes = 64 << 10
  let text: String
  /// Host and port as written, for messages; path and query may hold secrets.
  let place: String

  init(_ text: String) throws(CurlError) {
    guard text.utf8.count <= Self.limitBytes else {
      throw CurlError(.invalidRequest, "the url is too long limit=`\(Self.limitBytes)`")
    }
    // Printable ASCII without space and what RFC 3986 nowhere allows bare and parsers disagree about.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) else {
      throw CurlError(.invalidRequest, "the url has characters that must be percent-encoded")
    }
    guard let separator = text.utf8.firstRange(of: "://".utf8) else {
      throw CurlError(.invalidRequest, "the url has no scheme")
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw CurlError(.invalidRequest, "only http and https are spoken")
    }
    let rest = text[separator.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.isEmpty, authority.first != ":" else {
      throw CurlError(.invalidRequest, "the url has no host")
    }
    guard !authority.contains("@"), !rest.utf8.contains(UInt8(ascii: "#")) else {
      throw CurlError(.invalidRequest, "the url has a user name or a fragment")
    }
    (self.text, place) = (text, String(authority))
  }
}

/// The rules for methods and headers (RFC 9110, sections 5.5, 5.6.2 and 9.1).
enum RequestRules {
  static let headerLimitBytes = 256 << 10
  /// What this client says itself, from the body it was given.
  private static let ours: Set<String> = ["content-length", "transfer-encoding", "expect"]

  static func check(_ request: CurlRequest) throws(CurlError) {
    guard isToken(request.method) else {
      throw CurlError(.invalidRequest, "the method is no token")
    }
    var bytes = 0
    for header in request.headers {
      try check(header)
      bytes += header.name.utf8.count + header.value.utf8.count
    }
    guard bytes <= headerLimitBytes else {
      throw CurlError(.invalidRequest, "the headers are too long limit=`\(headerLimitBytes)`")
    }
    try checkBody(request)
  }

  private static func check(_ header: CurlHeader) throws(CurlError) {
    guard isToken(header.name) else {
      throw CurlError(.invalidRequest, "a header's name is no token")
    }
    guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
      throw CurlError(
        .invalidRequest, "a header's value has control characters name=`\(header.name)`")
    }
    guard !ours.contains(header.name.lowercased()) else {
      throw CurlError(.invalidRequest, "this header follows from the body name=`\(header.name)`")
    }
  }

  private static func checkBody(_ request: CurlRequest) throws(CurlError) {
    if case .none = request.body { return }
    guard request.method != "HEAD" else {
      throw CurlError(.invalidRequest, "a HEAD request has no body")
    }
    if case .stream(let length, _) = request.body, length < 0 {
      throw CurlError(.invalidRequest, "the length of the body is negative length=`\(length)`")
    }
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 256 && text.utf8.allSatisfy(isTokenByte)
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
      UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
      UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
