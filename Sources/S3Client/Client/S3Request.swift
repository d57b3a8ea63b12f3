// A request to S3 before it has a moment and a signature.

import CurlHTTP
import Synchronization

/// What is to be asked, in raw names and values; each attempt signs it anew.
struct S3Request: Sendable {
  var method: String
  var bucket: String
  var key: String?
  var query: [(name: String, value: String)] = []
  var headers: [(name: String, value: String)] = []
  var payload = S3Payload.none
  /// Whether a success may carry an error document: the server had to send its status before it knew.
  var mayFailInside = false
  /// Whether a second arrival of the same request does no harm and answers the same. Where it does not, only an
  /// exchange that knows of the first may send it again, and never libcurl on its own.
  var isIdempotent = true
  /// Instead of the client's own.
  var deadlines: CurlDeadlines?
  var attemptLimit: Int?

  init(_ method: String, bucket: String, key: String? = nil) {
    (self.method, self.bucket, self.key) = (method, bucket, key)
  }
}

/// The bytes that a request carries, with their hash where it is signed.
enum S3Payload: Sendable {
  case none
  case bytes([UInt8], sha256: String?)
  case stream(length: Int64, sha256: String?, WatchedSource)

  /// What the signature says of the body.
  var signedHash: String {
    switch self {
    case .none: SigV4.emptyPayloadHash
    case .bytes(_, let sha256), .stream(_, let sha256, _): sha256 ?? SigV4.unsignedPayload
    }
  }

  var body: CurlBody {
    switch self {
    case .none: .none
    case .bytes(let bytes, _): .bytes(bytes)
    case .stream(let length, _, let source):
      .stream(length: length) { try await source.next() }
    }
  }

  /// A source gives its bytes once, so only an untouched one can be sent again.
  var isRepeatable: Bool {
    guard case .stream(_, _, let source) = self else { return true }
    return !source.isTouched
  }
}

/// A source of bytes that remembers whether somebody has taken from it.
final class WatchedSource: Sendable {
  private let source: @Sendable () async throws -> [UInt8]?
  private let touched = Atomic(false)

  init(_ source: @escaping @Sendable () async throws -> [UInt8]?) { self.source = source }

  var isTouched: Bool { touched.load(ordering: .acquiring) }

  func next() async throws -> [UInt8]? {
    touched.store(true, ordering: .releasing)
    return try await source()
  }
}
