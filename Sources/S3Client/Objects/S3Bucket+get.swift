// Reading objects.

import CurlHTTP

extension S3Bucket {
  /// An object, or the bytes of `range` that it has, to be pulled.
  ///
  /// `notFound`; `invalidRange` where the range begins at or behind the object's end; `preconditionFailed` where
  /// `ifMatch` (an ETag as the server wrote it) is not the object's.
  public func get(
    _ key: String, range: Range<Int64>? = nil, ifMatch: String? = nil
  ) async throws(S3Error) -> S3Object {
    let range = try range.map { wanted throws(S3Error) in try ByteRange(wanted) }
    let request = try getRequest(key, range, ifMatch: ifMatch)
    var exchange = Exchange(client)
    let reply = try await exchange.run(request, .pulled)
    let answer = try ObjectAnswer(key: key, reply.head, range: range)
    return S3Object(bucket: self, answer, lower: range?.lower ?? 0, next: reply.next)
  }

  /// A small object, or a range of one, in one piece: a cut body is asked for again as a whole.
  ///
  /// Cheaper than `get` where all of the bytes are wanted. `invalidRequest` where there are more than `limitBytes`.
  public func getBytes(
    _ key: String, range: Range<Int64>? = nil, ifMatch: String? = nil, limitBytes: Int
  ) async throws(S3Error) -> (head: S3ObjectHead, bytes: [UInt8]) {
    let range = try range.map { wanted throws(S3Error) in try ByteRange(wanted) }
    let request = try getRequest(key, range, ifMatch: ifMatch)
    var exchange = Exchange(client)
    let reply: S3Reply
    do {
      // A refusal's body has room in any case.
      let limit = max(limitBytes, FailedAttempt.bodyLimitBytes)
      reply = try await exchange.run(request, .whole(limitBytes: limit))
    } catch {
      guard let cause = error.cause as? CurlError, cause.kind == .answerTooLarge else {
        throw error
      }
      throw Self.tooLarge(limitBytes)
    }
    let answer = try ObjectAnswer(key: key, reply.head, range: range)
    guard answer.wantedBytes <= Int64(limitBytes) else { throw Self.tooLarge(limitBytes) }
    return (answer.head, try answer.wanted(of: reply.body))
  }

  /// What headers tell of an object; `nil` where there is none. `noBucket` cannot be told from that: HEAD has no body.
  public func head(_ key: String) async throws(S3Error) -> S3ObjectHead? {
    let reply: S3Reply
    do {
      reply = try await perform(try request("HEAD", key))
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
    guard let length = try ObjectAnswer.contentLength(reply.head) else {
      throw S3Error(.badAnswer, "the answer does not tell the object's size", status: 200)
    }
    let head = S3ObjectHead(key: key, sizeBytes: length, reply.head)
    try head.checkEncoding(reply.head)
    return head
  }

  func getRequest(
    _ key: String, _ range: ByteRange?, ifMatch: String?
  ) throws(S3Error) -> S3Request {
    var request = try request("GET", key)
    if let range { request.headers.append((name: "range", value: range.header)) }
    if let ifMatch { request.headers.append((name: "if-match", value: ifMatch)) }
    return request
  }

  private static func tooLarge(_ limitBytes: Int) -> S3Error {
    S3Error(.invalidRequest, "the object is larger than the caller allows limit=`\(limitBytes)`")
  }
}

extension ObjectAnswer {
  /// The wanted part of a whole body; `badAnswer` where the body has another length than its head said.
  func wanted(of body: [UInt8]) throws(S3Error) -> [UInt8] {
    let (end, overflow) = skippedBytes.addingReportingOverflow(wantedBytes)
    let isWhole =
      skippedBytes == 0 && wantedBytes < head.sizeBytes
      ? Int64(body.count) == wantedBytes || Int64(body.count) == head.sizeBytes
      : Int64(body.count) == head.sizeBytes
    guard !overflow, isWhole, end <= Int64(body.count) else {
      throw S3Error(.badAnswer, "the body has another length than was said")
    }
    if Int64(body.count) == wantedBytes { return body }
    return Array(body[Int(skippedBytes)..<Int(end)])
  }
}
