// The one table from what an S3 server answers to what it means for the caller.

extension S3Error {
  /// - Parameters:
  ///   - status: of an answer that is not a success, or 200 where a success carries an error document.
  ///   - document: `nil` for HEAD, which has no body, and for bodies that are not S3's.
  ///   - key: of the object that was asked for; `nil` for a request to a bucket.
  package init(
    answer status: Int, document: S3ErrorDocument?, requestID: String? = nil, key: String? = nil
  ) {
    let code = document?.code
    let kind =
      code.flatMap { Self.kinds[$0] } ?? Self.kind(status: status, isObject: key != nil)
    var message = Self.sentence(kind)
    if let said = document?.message, !said.isEmpty { message += " said=`\(Self.shown(said))`" }
    if let key { message += " key=`\(Self.shown(key))`" }
    self.init(
      kind, message, status: status, code: code.map(Self.shown),
      requestID: (requestID ?? document?.requestID).map(Self.shown),
      hint: Self.hint(code: code, status: status))
  }

  /// The error codes whose kind does not follow from the status alone.
  private static let kinds: [String: Kind] = [
    "NoSuchKey": .notFound, "NoSuchUpload": .notFound, "NoSuchVersion": .notFound,
    "NoSuchBucket": .noBucket,
    "PreconditionFailed": .preconditionFailed,
    "ConditionalRequestConflict": .conflict, "OperationAborted": .conflict,
    "BucketAlreadyExists": .conflict, "BucketAlreadyOwnedByYou": .conflict,
    "BucketNotEmpty": .conflict,
    "AccessDenied": .accessDenied, "InvalidAccessKeyId": .accessDenied,
    "SignatureDoesNotMatch": .accessDenied, "RequestTimeTooSkewed": .accessDenied,
    "ExpiredToken": .accessDenied, "InvalidToken": .accessDenied,
    "TokenRefreshRequired": .accessDenied,
    "InvalidRange": .invalidRange,
    "NotImplemented": .notImplemented,
    "SlowDown": .busy, "Throttling": .busy, "ThrottlingException": .busy,
    "RequestLimitExceeded": .busy, "BandwidthLimitExceeded": .busy, "ServiceUnavailable": .busy,
    "InternalError": .busy, "RequestTimeout": .busy, "RequestTimeoutException": .busy,
  ]

  /// Whether what was refused with this code may succeed a moment later.
  static func mayPass(code: String) -> Bool { kinds[code] == .busy }

  private static func kind(status: Int, isObject: Bool) -> Kind {
    switch status {
    // A success with an error inside is treated as a failing server, as AWS's own SDKs do.
    case 200..<300, 408, 429, 500, 502...: .busy
    case 304, 412: .preconditionFailed
    case 401, 403: .accessDenied
    case 404: isObject ? .notFound : .noBucket
    case 409: .conflict
    case 416: .invalidRange
    case 501: .notImplemented
    case 300..<500: .invalidRequest
    default: .badAnswer
    }
  }

  private static func sentence(_ kind: Kind) -> String {
    switch kind {
    case .notFound: "there is no such object or upload"
    case .noBucket: "there is no such bucket"
    case .preconditionFailed: "the condition does not hold"
    case .conflict: "another request or owner was there first"
    case .accessDenied: "the server does not allow this request"
    case .invalidRange: "the range lies outside of the object"
    case .notImplemented: "the server has no such function"
    case .busy: "the server cannot answer now"
    case .badAnswer: "the answer is not one of S3"
    default: "the server refuses the request"
    }
  }

  private static func hint(code: String?, status: Int) -> String? {
    switch (code, status) {
    case ("SignatureDoesNotMatch", _):
      "check the secret key, and that no proxy rewrites host or path"
    case ("InvalidAccessKeyId", _): "check the access key; this server does not know it"
    case ("ExpiredToken", _), ("InvalidToken", _): "renew the session token"
    case ("RequestTimeTooSkewed", _): "set the clock of this machine; the server's is too far off"
    case ("AuthorizationHeaderMalformed", _): "set the region that the server names"
    case (_, 301), (_, 302), (_, 307), (_, 308):
      "the endpoint or region is another one; redirects are not followed with credentials"
    default: nil
    }
  }

  /// Text of a server that goes into an error: of bounded length, on one line.
  static func shown(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(300) {
      shown.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return shown
  }
}
