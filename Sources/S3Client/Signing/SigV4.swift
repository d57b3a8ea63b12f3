// AWS Signature Version 4 in AWS's own order of steps, in the variant of S3.

import Crypto
import Encodings

/// Signs requests of one moment, one region, one key pair.
///
/// Steps and names are those of "Create a signed AWS API request" (IAM User Guide); S3 differs in that the path is
/// encoded once and never normalised, because `a//b` and `..` are keys like others. A value: use it from any thread.
package struct SigV4: Sendable {
  package static let algorithm = "AWS4-HMAC-SHA256"
  package static let unsignedPayload = "UNSIGNED-PAYLOAD"
  /// SHA-256 of no bytes.
  package static let emptyPayloadHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  /// The moment of the signature: `20130524T000000Z`.
  package let amzDate: String
  let credentials: S3Credentials
  let key: SigningKey

  /// Derives the signing key; to sign often, keep a `SigningKey` for the day.
  package init(
    credentials: S3Credentials, region: String, service: String = "s3", at instant: S3Instant
  ) {
    let key = SigningKey(
      credentials: credentials, region: region, service: service, day: instant.day)
    self.init(credentials: credentials, key: key, at: instant)
  }

  /// - Parameter key: derived from the same credentials for the day of `instant`.
  package init(credentials: S3Credentials, key: SigningKey, at instant: S3Instant) {
    (self.credentials, self.key, amzDate) = (credentials, key, instant.amzDate)
  }

  /// The SHA-256 of a body, in hexadecimal.
  package static func payloadHash(_ bytes: [UInt8]) -> String { Hex.text(SHA256.hash(data: bytes)) }

  /// Step 1: the request in its one normal form.
  package func canonicalRequest(_ request: SigV4Request) -> String {
    canonicalRequest(request, CanonicalHeaders(request.headers))
  }

  /// Step 2 and 3: the hash of step 1 with the algorithm, moment and scope.
  package func stringToSign(canonicalRequest: String) -> String {
    let hash = Hex.text(SHA256.hash(data: Array(canonicalRequest.utf8)))
    return "\(Self.algorithm)\n\(amzDate)\n\(key.scope)\n\(hash)"
  }

  /// Step 4: the signature in hexadecimal.
  package func signature(stringToSign: String) -> String {
    Hex.text(SigningKey.authenticate(stringToSign, key.key))
  }

  /// Step 5: the value of the Authorization header for a request whose headers are complete.
  package func authorization(for request: SigV4Request) -> String {
    let headers = CanonicalHeaders(request.headers)
    let canonical = canonicalRequest(request, headers)
    let signature = signature(stringToSign: stringToSign(canonicalRequest: canonical))
    return "\(Self.algorithm) Credential=\(credentials.accessKey)/\(key.scope), "
      + "SignedHeaders=\(headers.names), Signature=\(signature)"
  }

  /// The request with everything that S3 wants to see signed: date, payload hash, session token, authorization.
  package func signed(_ request: SigV4Request) -> SigV4Request {
    var signed = request
    signed.headers.append(("x-amz-content-sha256", request.payloadHash))
    signed.headers.append(("x-amz-date", amzDate))
    if let token = credentials.sessionToken {
      signed.headers.append(("x-amz-security-token", token))
    }
    signed.headers.append(("authorization", authorization(for: signed)))
    return signed
  }

  func canonicalRequest(_ request: SigV4Request, _ headers: CanonicalHeaders) -> String {
    let path = request.path.isEmpty ? "/" : request.path
    let query = Self.canonicalQuery(request.query)
    var text = ""
    text.reserveCapacity(512)
    for part in [request.method, path, query, headers.lines, headers.names] {
      text += part
      text += "\n"
    }
    text += request.payloadHash
    return text
  }

  /// Encoded, then sorted by name and value: the order of the encoded text, not of the raw one.
  private static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
    let items = query.map { (PercentEncoding.query($0.name), PercentEncoding.query($0.value)) }
    return items.sorted(by: <).map { "\($0)=\($1)" }.joined(separator: "&")
  }
}
