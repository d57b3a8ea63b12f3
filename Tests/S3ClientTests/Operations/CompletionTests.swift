// Multipart uploads that end in doubt, on a scripted server.

import Foundation
import Synchronization
import Testing

@testable import S3Client

@Suite("completion of uploads")
struct CompletionTests {
  static let upload = S3Upload(key: "a", id: "u1")
  static let parts = [
    S3Part(number: 2, etag: "\"900150983cd24fb0d6963f7d28e17f72\"", sizeBytes: 3),
    S3Part(number: 1, etag: "\"d41d8cd98f00b204e9800998ecf8427e\"", sizeBytes: 5),
  ]
  static var etag: String { S3Bucket.compositeETag(parts.sorted { $0.number < $1.number }) ?? "" }

  /// Completions as told; then HEAD shows the object, or none.
  static func script(
    completions: [ScriptedAnswer], objectETag: String?, uploadIsOpen: Bool
  ) -> ScriptedServer.Script {
    let left = CompletionQueue(completions)
    return { _, request in
      switch request.method {
      case "POST": return left.next()
      case "HEAD":
        guard let objectETag else { return .bytes(ScriptedAnswer.raw(404, [], [])) }
        return .bytes(
          ScriptedAnswer.raw(200, [("ETag", "\"\(objectETag)\""), ("Content-Length", "8")], []))
      case "DELETE": return .status(204)
      default:
        return uploadIsOpen
          ? .status(200, [], "<ListPartsResult></ListPartsResult>")
          : .error(404, "NoSuchUpload")
      }
    }
  }

  @Test("S02 a completion whose reply was lost finds its object by size and composite ETag")
  func recovered() async throws {
    let script = Self.script(
      completions: [.bytesAndClose([]), .error(404, "NoSuchUpload")], objectETag: Self.etag,
      uploadIsOpen: false)
    try await ScriptedServer.withBucket(script) { bucket, server in
      let receipt = try await bucket.completeUpload(Self.upload, parts: Self.parts)
      #expect(receipt.wasRecovered)
      #expect(server.requests.map(\.method) == ["POST", "POST", "HEAD"])
      let body = String(decoding: server.requests[0].body, as: UTF8.self)
      let one = try #require(body.range(of: "<PartNumber>1<"))
      let two = try #require(body.range(of: "<PartNumber>2<"))
      #expect(one.lowerBound < two.lowerBound)
    }
  }

  @Test("an object that is another's, and no upload any more: the outcome is unknown")
  func replaced() async throws {
    let script = Self.script(
      completions: [.bytesAndClose([]), .error(404, "NoSuchUpload")], objectETag: "other-2",
      uploadIsOpen: false)
    try await ScriptedServer.withBucket(script) { bucket, _ in
      let found = await kind { () async throws(S3Error) in
        try await bucket.completeUpload(Self.upload, parts: Self.parts)
      }
      #expect(found == .broken)
    }
  }

  @Test("S04 an error inside a 200 is repeated, then thrown while the upload is open")
  func errorInside() async throws {
    let inside = ScriptedAnswer.status(200, [], "<Error><Code>InternalError</Code></Error>")
    let script = Self.script(completions: [inside], objectETag: nil, uploadIsOpen: true)
    try await ScriptedServer.withBucket(script) { bucket, server in
      let found = await kind { () async throws(S3Error) in
        try await bucket.completeUpload(Self.upload, parts: Self.parts)
      }
      #expect(found == .busy)
      #expect(server.requests.count { $0.method == "POST" } == 5)
    }
  }

  @Test("a part whose answer has no ETag is a bad answer, and the upload is aborted")
  func partWithoutETag() async throws {
    try await ScriptedServer.withBucket(
      { _, request in
        switch request.method {
        case "POST":
          return .status(
            200, [],
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
          )
        case "DELETE": return .status(204)
        default: return .status(200)
        }
      }, change: { $0.partBytes = 5 << 20 }
    ) { bucket, server in
      let source = ChunkSource(patternedBytes(6 << 20), chunkBytes: 1 << 20)
      let found = await kind { () async throws(S3Error) in
        try await bucket.upload("a", length: 6 << 20) { source.next() }
      }
      #expect(found == .badAnswer)
      #expect(server.requests.last?.method == "DELETE")
      #expect(server.requests.last?.uri.contains("uploadId=u1") == true)
    }
  }

  @Test("a failed part is sent again by itself, and no more parts are under way than allowed")
  func failedPart() async throws {
    let failed = Atomic(false)
    try await ScriptedServer.withBucket(
      { _, request in
        switch request.method {
        case "POST" where request.uri.contains("uploads"):
          return .status(
            200, [],
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
          )
        case "POST":
          return .status(
            200, [], "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
        default:
          let isFirst =
            request.uri.contains("partNumber=2")
            && !failed.exchange(true, ordering: .relaxed)
          return isFirst ? .bytesAndClose([]) : .status(200, [("ETag", "\"p\"")])
        }
      }, change: { $0.partBytes = 5 << 20 }
    ) { bucket, server in
      let source = ChunkSource(patternedBytes(16 << 20), chunkBytes: 1 << 20)
      _ = try await bucket.upload("a", length: 16 << 20) { source.next() }
      let parts = server.requests.filter { $0.method == "PUT" }
      #expect(parts.count == 5)
      #expect(Set(parts.map(\.uri)).count == 4)
      let twice = parts.filter { $0.uri.contains("partNumber=2") }
      #expect(twice.count == 2)
      #expect(twice.first?.body == twice.last?.body)
      #expect(server.requests.last?.method == "POST")
    }
  }

  @Test("parts grow where 10,000 of them would not hold the object")
  func plan() throws {
    let endpoint = try #require(S3Endpoint("http://127.0.0.1:1"))
    let settings = S3Settings(endpoint: endpoint, credentials: ScriptedServer.credentials)
    let cases: [(length: Int64?, partBytes: Int)] = [
      (0, 8 << 20), (1, 8 << 20), (nil, 8 << 20), (10_000 * (8 << 20), 8 << 20),
      (10_000 * (8 << 20) + 1, 9 << 20), (5 << 40, 525 << 20),
    ]
    for (length, partBytes) in cases {
      let plan = try UploadPlan(length: length, settings: settings)
      #expect(plan.partBytes == partBytes)
    }
    let impossible: [Int64] = [-1, (5 << 40) + 1, .max, .min]
    for length in impossible {
      #expect(throws: S3Error.self) { try UploadPlan(length: length, settings: settings) }
    }
  }
}

/// Answers in their order; the last one again and again. The mutex guards the place.
final class CompletionQueue: Sendable {
  private let answers: [ScriptedAnswer]
  private let taken = Mutex(0)

  init(_ answers: [ScriptedAnswer]) { self.answers = answers }

  func next() -> ScriptedAnswer {
    let index = taken.withLock { taken in
      defer { taken += 1 }
      return min(taken, answers.count - 1)
    }
    return answers[index]
  }
}
