// URLs that let others read or write one object.

extension S3Bucket {
  /// A URL with which anybody can read the object until it expires; made without asking the server.
  ///
  /// It is made for `publicEndpoint` where there is one: the signature covers the host, so that it cannot be changed later.
  /// - Parameters:
  ///   - expires: 1 second to 7 days; `invalidRequest` otherwise. It begins when this is called.
  ///   - contentType, contentDisposition: what the server is to answer with instead of what was stored.
  public func presignedGet(
    _ key: String, expires: Duration, contentType: String? = nil, contentDisposition: String? = nil
  ) throws(S3Error) -> String {
    let overrides = [
      ("response-content-disposition", contentDisposition), ("response-content-type", contentType),
    ]
    return try presigned(
      "GET", key, expires: expires,
      query: overrides.compactMap { name, value in value.map { (name: name, value: $0) } })
  }

  /// A URL with which anybody can write the object until it expires.
  ///
  /// What is named is signed: who uses the URL must send exactly that `Content-Type` and `Content-Length`. Not every
  /// server enforces the length, so look at the object before believing in it.
  public func presignedPut(
    _ key: String, expires: Duration, contentType: String? = nil, contentLength: Int64? = nil
  ) throws(S3Error) -> String {
    var options = S3PutOptions()
    options.contentType = contentType
    var headers = try options.headers()
    if let contentLength {
      guard contentLength >= 0 else {
        throw S3Error(.invalidRequest, "a length is negative bytes=`\(contentLength)`")
      }
      headers.append((name: "content-length", value: String(contentLength)))
    }
    return try presigned("PUT", key, expires: expires, headers: headers)
  }

  private func presigned(
    _ method: String, _ key: String, expires: Duration,
    query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = []
  ) throws(S3Error) -> String {
    _ = try request(method, key)
    let seconds = expires.components.seconds
    guard (1...Int64(SigV4.presignLimitSeconds)).contains(seconds), expires <= .seconds(604_800)
    else {
      throw S3Error(
        .invalidRequest, "a URL cannot expire then seconds=`\(seconds)`",
        hint: "choose 1 second to 7 days")
    }
    let settings = client.settings
    let address = S3Address(
      endpoint: settings.publicEndpoint ?? settings.endpoint, addressing: settings.addressing,
      bucket: name, key: key)
    let context = client.facts.context(now: client.surroundings.now())
    let signer = SigV4(
      credentials: settings.credentials,
      key: client.facts.key(context, credentials: settings.credentials), at: context.at)
    let signed = signer.presigned(
      SigV4Request(
        method: method, path: address.path, query: query,
        headers: [("host", address.authority)] + headers, payloadHash: SigV4.unsignedPayload),
      expires: Int(seconds))
    return address.url(query: signed.map { ($0.name, $0.value) })
  }
}
