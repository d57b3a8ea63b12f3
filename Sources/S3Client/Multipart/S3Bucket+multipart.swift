// The single steps of multipart uploads.

import CurlHTTP

extension S3Bucket {
  /// The most parts that an upload may have.
  public static let partLimit = 10_000

  /// Begins an upload of many parts. What is stored with the object is named now; `createOnly` belongs to `completeUpload`.
  ///
  /// Where the reply is lost, the server may keep an upload that nobody knows: `listUploads` finds it.
  public func createUpload(
    _ key: String, _ options: S3PutOptions = .init()
  ) async throws(S3Error) -> S3Upload {
    var request = try request("POST", key)
    request.query = [("uploads", "")]
    var options = options
    // S3's own default, but said aloud: Swift would store the type of the XML that completes the upload.
    options.contentType = options.contentType ?? "binary/octet-stream"
    request.headers = try options.headers()
    let answer = try S3NewUploadAnswer(body: try await perform(request).body, limits: xmlLimits)
    return S3Upload(key: key, id: answer.uploadID)
  }

  /// Sends one part; sending a number again replaces it. All parts but the last have at least 5 MiB and one size.
  public func uploadPart(
    _ upload: S3Upload, number: Int, _ bytes: [UInt8]
  ) async throws(S3Error) -> S3Part {
    guard (1...Self.partLimit).contains(number) else {
      throw S3Error(.invalidRequest, "no part has this number part=`\(number)`")
    }
    var request = try self.request("PUT", upload)
    request.query.append(("partNumber", String(number)))
    request.payload = .bytes(bytes, sha256: signsPayload ? SigV4.payloadHash(bytes) : nil)
    request.mayFailInside = true
    let reply = try await perform(request)
    guard let etag = reply.head.header("etag"), !etag.isEmpty else {
      throw S3Error(
        .badAnswer, "the answer to a part has no ETag", status: reply.head.status,
        hint: "a proxy on the way may remove headers")
    }
    return S3Part(number: number, etag: etag, sizeBytes: Int64(bytes.count))
  }

  /// Makes the parts one object.
  ///
  /// `createOnly` is honoured by few servers. Where the reply is lost, the object is looked at: one of the same size
  /// and with the ETag that these parts make is a success (`wasRecovered`). `broken` where nobody can tell.
  public func completeUpload(
    _ upload: S3Upload, parts: [S3Part], createOnly: Bool = false
  ) async throws(S3Error) -> S3Receipt {
    var request = try request("POST", upload)
    // Not every server sorts them itself, and some take them as they come.
    let sorted = parts.sorted { $0.number < $1.number }
    request.set(xml: try XMLWriting.completeMultipartUpload(sorted))
    if createOnly { request.headers.append((name: "if-none-match", value: "*")) }
    request.mayFailInside = true
    // A second arrival is answered as if there had never been such an upload.
    request.isIdempotent = false
    request.deadlines = patientDeadlines
    var exchange = Exchange(client)
    do {
      let reply = try await exchange.run(request, smallForm)
      let answer = try S3CompletedAnswer(
        body: reply.body.droppingLeadingBlanks(), limits: xmlLimits)
      return S3Receipt(etag: answer.etag, requestID: reply.requestID)
    } catch {
      guard exchange.outcomeIsUnknown || error.kind == .badAnswer else { throw error }
      return try await recover(upload, sorted, failure: error)
    }
  }

  /// Ends an upload and deletes its parts. One that is not there is a success.
  public func abortUpload(_ upload: S3Upload) async throws(S3Error) {
    try await abort(upload, deadlines: nil)
  }

  /// The parts that the server has, in the order of their numbers. `notFound` for an upload that has ended; OpenStack
  /// Swift lists those of a completed one all the same.
  public func listParts(_ upload: S3Upload) async throws(S3Error) -> [S3Part] {
    var parts: [S3Part] = []
    var marker = 0
    while true {
      var request = try request("GET", upload)
      if marker > 0 { request.query.append(("part-number-marker", String(marker))) }
      let page = try S3PartPage(body: try await perform(request).body, limits: xmlLimits)
      parts += page.parts
      guard page.isTruncated else { return parts.sorted { $0.number < $1.number } }
      guard let next = page.nextMarker, next > marker, next <= Self.partLimit else {
        throw S3Error(.badAnswer, "the list of parts does not advance")
      }
      marker = next
    }
  }

  /// The uploads that have neither been completed nor aborted, of keys that begin with `prefix`; 100,000 at most.
  /// `badAnswer` where one of their keys has a character that XML cannot carry.
  public func listUploads(prefix: String = "") async throws(S3Error) -> [S3PendingUpload] {
    var uploads: [S3PendingUpload] = []
    var marker: (key: String, id: String?)?
    for _ in 1...100 {
      var request = S3Request("GET", bucket: name)
      // Not with `encoding-type=url`: Ceph 16 then encodes the keys without saying so.
      request.query = [("uploads", "")]
      if !prefix.isEmpty { request.query.append(("prefix", prefix)) }
      if let marker {
        request.query.append(("key-marker", marker.key))
        if let id = marker.id { request.query.append(("upload-id-marker", id)) }
      }
      let body = try await perform(request).body
      let page = try S3PendingUploadPage(body: body, limits: xmlLimits)
      uploads += page.uploads
      guard page.isTruncated, let key = page.nextKeyMarker else { return uploads }
      guard marker?.key != key || marker?.id != page.nextUploadIDMarker else { break }
      marker = (key, page.nextUploadIDMarker)
    }
    throw S3Error(.badAnswer, "the list of uploads does not end")
  }
}

extension S3Bucket {
  /// A request to an upload.
  func request(_ method: String, _ upload: S3Upload) throws(S3Error) -> S3Request {
    var request = try request(method, upload.key)
    request.query = [("uploadId", upload.id)]
    return request
  }

  func abort(_ upload: S3Upload, deadlines: CurlDeadlines?) async throws(S3Error) {
    var request = try request("DELETE", upload)
    request.deadlines = deadlines
    do {
      _ = try await perform(request)
    } catch {
      guard error.kind == .notFound else { throw error }
    }
  }
}
