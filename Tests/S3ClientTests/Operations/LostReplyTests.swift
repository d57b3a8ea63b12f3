// Writes whose reply was lost, and answers that say 200 and mean no.

import Foundation
import Synchronization
import Testing

@testable import S3Client

@Suite("lost replies")
struct LostReplyTests {
  static var createOnly: S3PutOptions {
    var options = S3PutOptions()
    options.createOnly = true
    return options
  }

  /// The first PUT is done and not answered; the second is refused because of the first.
  static func lost(stored: [UInt8], keepsMetadata: Bool = true) -> ScriptedServer.Script {
    { number, request in
      let headers =
        [("ETag", #""e""#)]
        + (keepsMetadata ? [("x-amz-meta-sha256", SigV4.payloadHash(stored))] : [])
      switch (request.method, number) {
      case ("PUT", 1): return .bytesAndClose([])
      case ("PUT", _): return .error(412, "PreconditionFailed")
      case ("HEAD", _):
        return .bytes(
          ScriptedAnswer.raw(200, headers + [("Content-Length", "\(stored.count)")], []))
      default: return .bytes(ScriptedAnswer.raw(200, headers, stored))
      }
    }
  }

  @Test("S02 a create-only put whose reply was lost finds its object and is a success")
  func recovered() async throws {
    try await ScriptedServer.withBucket(Self.lost(stored: [1, 2, 3])) { bucket, server in
      let receipt = try await bucket.put("a", .bytes([1, 2, 3]), Self.createOnly)
      #expect(receipt.wasRecovered)
      #expect(receipt.etag == #""e""#)
      #expect(server.requests.map(\.method) == ["PUT", "PUT", "HEAD"])
    }
  }

  @Test("S02 where the server keeps no metadata, the object is read and compared")
  func comparedByBytes() async throws {
    try await ScriptedServer.withBucket(Self.lost(stored: [1, 2, 3], keepsMetadata: false)) {
      bucket, server in
      let receipt = try await bucket.put("a", .bytes([1, 2, 3]), Self.createOnly)
      #expect(receipt.wasRecovered)
      #expect(server.requests.map(\.method) == ["PUT", "PUT", "HEAD", "GET"])
    }
  }

  @Test("S02 an object of the same size that is another's is no success", arguments: [true, false])
  func foreign(keepsMetadata: Bool) async throws {
    try await ScriptedServer.withBucket(
      Self.lost(stored: [3, 2, 1], keepsMetadata: keepsMetadata)
    ) { bucket, _ in
      let found = await kind { () async throws(S3Error) in
        try await bucket.put("a", .bytes([1, 2, 3]), Self.createOnly)
      }
      #expect(found == .preconditionFailed)
    }
  }

  @Test("S02 a 412 to the first attempt is not looked into: the object is not ours")
  func firstRefusal() async throws {
    try await ScriptedServer.withBucket({ _, _ in .error(412, "PreconditionFailed") }) {
      bucket, server in
      let found = await kind { () async throws(S3Error) in
        try await bucket.put("a", .bytes([1]), Self.createOnly)
      }
      #expect(found == .preconditionFailed)
      #expect(server.requests.count == 1)
    }
  }

  @Test("S02 a put that may replace is simply sent again")
  func replace() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number == 1 ? .bytesAndClose([]) : .status(200, [("ETag", #""e""#)])
    }) { bucket, server in
      let receipt = try await bucket.put("a", .bytes([1, 2]))
      #expect(!receipt.wasRecovered)
      #expect(server.requests.map(\.body) == [[1, 2], [1, 2]])
    }
  }

  @Test("S04 a 200 with an error inside is a failure: repeated where that may help, else thrown")
  func errorInside() async throws {
    let passing = ScriptedAnswer.status(
      200, [], "  \n<Error><Code>InternalError</Code></Error>")
    let denied = ScriptedAnswer.status(200, [], "<Error><Code>AccessDenied</Code></Error>")
    let done = ScriptedAnswer.status(
      200, [],
      "\n <?xml version=\"1.0\"?><CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>")
    try await ScriptedServer.withBucket({ number, _ in number < 3 ? passing : done }) {
      bucket, server in
      let receipt = try await bucket.copy("a", from: "b")
      #expect(receipt.etag == "\"c\"")
      #expect(server.requests.count == 3)
    }
    try await ScriptedServer.withBucket({ _, _ in denied }) { bucket, server in
      let found = await kind { () async throws(S3Error) in try await bucket.copy("a", from: "b") }
      #expect(found == .accessDenied)
      #expect(server.requests.count == 1)
    }
  }

  @Test(
    "S04 an answer to another question is a bad answer",
    arguments: [
      "<html><body>Welcome to the hotel</body></html>", "", "ok", "<ListBucketResult/>",
      "<CompleteMultipartUploadResult/>", "   ",
    ])
  func otherAnswers(body: String) async throws {
    try await ScriptedServer.withBucket({ _, _ in .status(200, [], body) }) { bucket, _ in
      let upload = S3Upload(key: "a", id: "1")
      var kinds = [
        await kind { () async throws(S3Error) in try await bucket.copy("a", from: "b") },
        await kind { () async throws(S3Error) in try await bucket.location() },
        await kind { () async throws(S3Error) in try await bucket.delete(["a"]) },
        await kind { () async throws(S3Error) in try await bucket.createUpload("a") },
        await kind { () async throws(S3Error) in try await bucket.listParts(upload) },
        await kind { () async throws(S3Error) in try await bucket.listUploads() },
      ]
      if !body.hasPrefix("<ListBucket") {
        kinds.append(await kind { () async throws(S3Error) in try await bucket.listPage() })
      }
      #expect(kinds.allSatisfy { $0 == .badAnswer }, "\(kinds)")
    }
  }
}
