// What a server answered: the head, and the body to be pulled or already whole.

/// The status line and headers of an answer.
public struct CurlHead: Sendable {
  /// 200 to 999.
  public let status: Int
  /// In the order of their arrival, of the final answer only (no `100 Continue`).
  public let headers: [CurlHeader]

  /// For tests of those who read answers; this module makes its own.
  public init(status: Int, headers: [CurlHeader]) {
    (self.status, self.headers) = (status, headers)
  }

  /// The first value under a name, whatever its case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// An answer whose body has been read to its end.
public struct CurlAnswer: Sendable {
  public let head: CurlHead
  /// As it came, compressed bodies included.
  public let body: [UInt8]

  /// For tests of those who read answers; this module makes its own.
  public init(head: CurlHead, body: [UInt8]) { (self.head, self.body) = (head, body) }
}

/// An answer whose body is pulled. Who lets go of it before the end breaks the transfer off.
public struct CurlResponse: Sendable {
  public let head: CurlHead
  /// The next bytes, never empty; `nil` at the end and behind it. Throws where the body is cut off, short, or a deadline passes. For one reader at a time.
  public let next: @Sendable () async throws(CurlError) -> [UInt8]?

  /// For tests of those who read answers; this module makes its own.
  public init(head: CurlHead, next: @escaping @Sendable () async throws(CurlError) -> [UInt8]?) {
    (self.head, self.next) = (head, next)
  }
}
