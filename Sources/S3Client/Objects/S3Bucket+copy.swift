// Copying inside the server.

extension S3Bucket {
  /// Makes the server copy an object into this bucket, of up to 5 GiB. `notFound` where the source does not exist.
  ///
  /// - Parameters:
  ///   - from: the source's key, in `sourceBucket` or in this bucket.
  ///   - replacing: content type and metadata for the copy; without, it has those of the source.
  ///     `createOnly` is `invalidRequest`: no server promises it for copies.
  public func copy(
    _ key: String, from: String, sourceBucket: String? = nil, replacing: S3PutOptions? = nil
  ) async throws(S3Error) -> S3Receipt {
    _ = try self.request("GET", from)
    let source = try client.bucket(sourceBucket ?? name).name
    var request = try request("PUT", key)
    if let replacing {
      guard !replacing.createOnly else {
        throw S3Error(.invalidRequest, "a copy cannot be create-only")
      }
      request.headers = try replacing.headers()
      request.headers.append((name: "x-amz-metadata-directive", value: "REPLACE"))
    }
    request.headers.append(
      (name: "x-amz-copy-source", value: "/\(source)/\(PercentEncoding.path(from))"))
    request.mayFailInside = true
    request.deadlines = patientDeadlines
    let reply = try await perform(request)
    let answer = try S3CopyAnswer(body: reply.body.droppingLeadingBlanks(), limits: xmlLimits)
    return S3Receipt(etag: answer.etag, requestID: reply.requestID)
  }
}
