// Signatures in the query, for URLs that others use.

extension SigV4 {
  /// Seven days: no server takes a longer one.
  package static let presignLimitSeconds = 604_800

  /// The whole query of a presigned URL: the request's own items (response overrides among them), then the
  /// `X-Amz-` ones, the signature last.
  ///
  /// - Parameters:
  ///   - request: with `host` and every header that the user of the URL must send; its hash is mostly `unsignedPayload`.
  ///   - seconds: kept between 1 and `presignLimitSeconds`; whoever takes it from a user refuses others before.
  package func presigned(
    _ request: SigV4Request, expires seconds: Int
  ) -> [(name: String, value: String)] {
    let headers = CanonicalHeaders(request.headers)
    let expires = min(max(seconds, 1), Self.presignLimitSeconds)
    var presigned = request
    presigned.query += [
      ("X-Amz-Algorithm", Self.algorithm),
      ("X-Amz-Credential", "\(credentials.accessKey)/\(key.scope)"),
      ("X-Amz-Date", amzDate),
      ("X-Amz-Expires", String(expires)),
    ]
    if let token = credentials.sessionToken {
      presigned.query.append(("X-Amz-Security-Token", token))
    }
    presigned.query.append(("X-Amz-SignedHeaders", headers.names))
    let canonical = canonicalRequest(presigned, headers)
    let signature = signature(stringToSign: stringToSign(canonicalRequest: canonical))
    return presigned.query + [("X-Amz-Signature", signature)]
  }
}
