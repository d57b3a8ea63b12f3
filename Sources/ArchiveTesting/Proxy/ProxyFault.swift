// What can go wrong between a client and an object store, as values that a test writes down.

/// One thing that goes wrong with one request that passes a `FaultyProxy`.
///
/// Where a fault does not say otherwise the request was forwarded whole, and so carried out.
public enum ProxyFault: Sendable, Hashable {
  /// An S3 error document with this status and code; nothing is forwarded.
  case answer(status: Int, code: String)
  /// Status 200 with an S3 error document, as `CompleteMultipartUpload` may answer; nothing is forwarded.
  case errorIn200(code: String = "InternalError")
  /// Status 307 with `Location:` this URL, followed by the path and query that were asked for; nothing is forwarded.
  case redirect(to: String)
  /// The request is taken and never answered; nothing is forwarded.
  case silence
  /// The connection ends when the head was read; nothing is forwarded.
  case dropRequest
  /// This part (0 to 1) of the request's body is forwarded, then both connections end.
  case cutRequest(fraction: Double)
  /// All bits of the first byte of the request's body are turned.
  case corruptRequestByte
  /// The whole reply is read, then the connection ends without a byte of it.
  case loseReply
  /// The reply's head and this part (0 to 1) of its body, at least a byte too little, then the end.
  /// Of a reply without a body half of the head.
  case cutBody(fraction: Double)
  /// Content-Length is this much larger or smaller than the body; where larger, the connection then ends.
  /// A reply without Content-Length suffers nothing.
  case wrongLength(by: Int)
  /// All bits of one byte in the middle of the reply's body are turned (of the first where its length is unknown).
  case corruptByte
  /// The reply's body is in gzip format, with `Content-Encoding: gzip`, though nobody asked for it.
  case compress
  /// The reply's body comes at this pace, the head at once.
  case trickle(bytesPerSecond: Int)
  /// The request is forwarded so much later.
  case delay(Duration)
}

/// A reply that the proxy makes itself.
struct ProxyReply: Sendable {
  let status: Int
  let location: String?
  let body: [UInt8]

  /// `nil` for a fault that is not an answer.
  init?(_ fault: ProxyFault?, for request: ProxiedRequest) {
    switch fault {
    case .answer(let status, let code):
      (self.status, location, body) = (status, nil, Self.document(code, request))
    case .errorIn200(let code):
      (status, location, body) = (200, nil, Self.document(code, request))
    case .redirect(let url):
      (status, location) = (307, url + request.target)
      body = Self.document("TemporaryRedirect", request)
    default: return nil
    }
  }

  private static func document(_ code: String, _ request: ProxiedRequest) -> [UInt8] {
    Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Error><Code>\(code)</Code><Message>a planned fault</Message>\
      <RequestId>proxy-\(request.number)</RequestId></Error>
      """.utf8)
  }
}
