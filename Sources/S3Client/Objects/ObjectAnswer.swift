// What the head of an answer to GET promises.

import CurlHTTP

/// The object's own head, and which of the bytes that come are wanted.
struct ObjectAnswer: Sendable {
  let head: S3ObjectHead
  /// Bytes to pass over: a server that ignores ranges begins at the beginning.
  let skippedBytes: Int64
  let wantedBytes: Int64

  /// Throws `badAnswer` where the head contradicts itself or the request, `invalidRange` where the object ends before.
  init(key: String, _ answer: CurlHead, range: ByteRange?) throws(S3Error) {
    // Every object has one. An error that came as a success has none, and would else be taken for an object.
    guard answer.header("etag") != nil else {
      throw S3Error(
        .badAnswer, "the answer has no ETag: it is not that of an object", status: answer.status)
    }
    let length = try Self.contentLength(answer)
    if answer.status == 206 {
      guard let range, let text = answer.header("content-range"),
        let content = ContentRange(text), content.answers(range),
        length == nil || length == Int64(content.bytes.count)
      else {
        throw S3Error(.badAnswer, "the answer has other bytes than asked for", status: 206)
      }
      head = S3ObjectHead(key: key, sizeBytes: content.sizeBytes, answer)
      (skippedBytes, wantedBytes) = (0, Int64(content.bytes.count))
    } else {
      guard let length, answer.status == 200 else {
        throw S3Error(
          .badAnswer, "the answer does not tell the object's size", status: answer.status,
          hint: "a proxy on the way may change answers; switch that off for this host")
      }
      head = S3ObjectHead(key: key, sizeBytes: length, answer)
      guard (range?.lower ?? 0) < length || range == nil else {
        throw S3Error(.invalidRange, "the range lies outside of the object", status: 200)
      }
      skippedBytes = range?.lower ?? 0
      wantedBytes = min(range?.upper ?? length, length) - skippedBytes
    }
    try head.checkEncoding(answer)
  }

  /// `nil` where there is none; throws where it is no number, or where two of them differ.
  static func contentLength(_ answer: CurlHead) throws(S3Error) -> Int64? {
    let values = Set(
      answer.headers.filter { $0.name.lowercased() == "content-length" }.map(\.value))
    guard let value = values.first else { return nil }
    guard values.count == 1, let length = ContentRange.number(value) else {
      throw S3Error(.badAnswer, "the answer's length is no number", status: answer.status)
    }
    return length
  }
}
