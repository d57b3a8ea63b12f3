// From a request to what goes over the wire.

import CurlHTTP

/// Gives a request its address, headers and signature.
struct RequestSigner {
  let settings: S3Settings
  let facts: LearntFacts

  /// The request as it is sent, signed for a moment and region.
  ///
  /// `Accept-Encoding: identity`: a size, a range and an ETag are those of the stored bytes only where nobody
  /// compresses on the way. No checksum trailers, no chunked signatures, no `Expect`: many servers refuse them.
  func sign(_ request: S3Request, _ context: SigningContext) -> CurlRequest {
    let address = S3Address(
      endpoint: settings.endpoint, addressing: settings.addressing, bucket: request.bucket,
      key: request.key)
    let signer = SigV4(
      credentials: settings.credentials,
      key: facts.key(context, credentials: settings.credentials), at: context.at)
    let signed = signer.signed(
      SigV4Request(
        method: request.method, path: address.path, query: request.query,
        headers: [("host", address.authority)] + request.headers,
        payloadHash: request.payload.signedHash))
    // The first is Host, which follows from the URL.
    var headers = signed.headers.dropFirst().map { CurlHeader($0.name, $0.value) }
    headers.append(CurlHeader("Accept-Encoding", "identity"))
    var signedRequest = CurlRequest(
      request.method, address.url(query: request.query.map { ($0.name, $0.value) }),
      headers: headers, body: request.payload.body, deadlines: request.deadlines)
    signedRequest.mayBeResent = request.isIdempotent
    return signedRequest
  }
}
