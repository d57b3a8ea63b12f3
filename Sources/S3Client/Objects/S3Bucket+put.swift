// Storing one object with one request.

import CurlHTTP

extension S3Bucket {
  /// Stores an object. It is there, whole, when this returns; after an error other than `broken` the old one is.
  ///
  /// With `createOnly`, `preconditionFailed` says that an object exists. Where the reply to an attempt of ours was
  /// lost, and the object that exists is equal to ours, the put has succeeded (`wasRecovered`).
  /// A stream without a hash is `invalidRequest` over plain HTTP; one that ends early or late is `sourceFailed`.
  @discardableResult
  public func put(
    _ key: String, _ body: S3Body, _ options: S3PutOptions = .init()
  ) async throws(S3Error) -> S3Receipt {
    var request = try request("PUT", key)
    request.payload = try payload(body)
    request.headers = try options.headers()
    if let sha256 = request.payload.sha256 { request.storeHash(sha256) }
    // A server, or a proxy before it, that answers 200 and then an error has stored nothing.
    request.mayFailInside = true
    if options.createOnly {
      request.headers.append((name: "if-none-match", value: "*"))
      request.isIdempotent = false
    }
    var exchange = Exchange(client)
    do {
      let reply = try await exchange.run(request, smallForm)
      return S3Receipt(etag: reply.head.header("etag"), requestID: reply.requestID)
    } catch {
      guard options.createOnly, error.kind == .preconditionFailed, exchange.outcomeIsUnknown,
        case .bytes(let bytes) = body
      else { throw error }
      return try await recover(key, bytes, refusal: error)
    }
  }

  private func payload(_ body: S3Body) throws(S3Error) -> S3Payload {
    switch body {
    case .bytes(let bytes):
      return .bytes(bytes, sha256: signsPayload ? SigV4.payloadHash(bytes) : nil)
    case .stream(let length, let sha256, let source):
      guard length >= 0 else {
        throw S3Error(.invalidRequest, "a length is negative bytes=`\(length)`")
      }
      guard sha256 != nil || client.settings.endpoint.isTLS else {
        throw S3Error(
          .invalidRequest, "a stream without its hash would go unprotected over plain HTTP",
          hint: "use https, name the hash, or use upload, which hashes part by part")
      }
      return .stream(length: length, sha256: sha256?.lowercased(), WatchedSource(source))
    }
  }

  /// Our put was refused because the object exists. Is it the one that an earlier attempt of ours stored?
  private func recover(
    _ key: String, _ bytes: [UInt8], refusal: S3Error
  ) async throws(S3Error) -> S3Receipt {
    guard let found = try await head(key), found.sizeBytes == Int64(bytes.count) else {
      throw refusal
    }
    let ours = SigV4.payloadHash(bytes)
    let theirs: String
    if let stored = found.sha256 {
      theirs = stored
    } else {
      theirs = SigV4.payloadHash(try await getBytes(key, limitBytes: bytes.count).bytes)
    }
    guard theirs.lowercased() == ours else { throw refusal }
    return S3Receipt(etag: found.etag, wasRecovered: true)
  }
}

extension S3Payload {
  /// The hash of the bytes, where it is known.
  var sha256: String? {
    switch self {
    case .none: nil
    case .bytes(_, let sha256), .stream(_, let sha256, _): sha256
    }
  }
}

extension S3Request {
  /// Stores the payload's hash with the object, so that a lost reply costs a HEAD and no GET.
  mutating func storeHash(_ sha256: String) {
    let name = "x-amz-meta-" + S3ObjectHead.sha256Name
    headers.removeAll { $0.name == name }
    headers.append((name: name, value: sha256))
  }
}
