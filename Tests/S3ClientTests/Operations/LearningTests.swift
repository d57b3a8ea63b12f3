// What a client learns from refusals, and what it never does because of an answer.

import Foundation
import Logging
import Testing

@testable import S3Client

@Suite("learning from answers")
struct LearningTests {
  static let object = ScriptedAnswer.status(200, [("ETag", #""e""#)], "hello")

  private func region(_ request: SeenRequest) -> String? {
    request.header("authorization")?.split(separator: "/").dropFirst(2).first.map(String.init)
  }

  @Test("the region is learnt from the refusal, used at once, and kept")
  func region() async throws {
    let malformed = ScriptedAnswer.error(
      400, "AuthorizationHeaderMalformed", extra: "<Region>eu-south-7</Region>")
    for configured in ["us-east-1", "auto", ""] {
      let clock = RecordingClock()
      try await ScriptedServer.withBucket(
        { number, _ in number == 1 ? malformed : Self.object }, clock: clock,
        change: { $0.region = configured }
      ) { bucket, server in
        _ = try await bucket.getBytes("a", limitBytes: 10)
        _ = try await bucket.getBytes("a", limitBytes: 10)
        #expect(server.requests.map(region) == ["us-east-1", "eu-south-7", "eu-south-7"])
        #expect(bucket.client.observations.region == "eu-south-7")
        #expect(clock.slept.isEmpty)
      }
    }
  }

  @Test("the region is learnt from x-amz-bucket-region, also for HEAD")
  func regionHeader() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number == 1
        ? .bytes(ScriptedAnswer.raw(400, [("x-amz-bucket-region", "eu-south-7")], [])) : Self.object
    }) { bucket, server in
      let found = try await bucket.head("a")
      #expect(found?.sizeBytes == 5)
      #expect(server.requests.map(region) == ["us-east-1", "eu-south-7"])
    }
  }

  @Test("where a HEAD is refused without a word, a GET to the bucket is asked why")
  func probedRegion() async throws {
    let malformed = ScriptedAnswer.error(
      400, "AuthorizationHeaderMalformed", extra: "<Region>eu-south-7</Region>")
    try await ScriptedServer.withBucket({ _, request in
      let isRight = request.header("authorization")?.contains("/eu-south-7/") == true
      if isRight { return Self.object }
      return request.method == "HEAD" ? .bytes(ScriptedAnswer.raw(400, [], [])) : malformed
    }) { bucket, server in
      let found = try await bucket.head("a")
      #expect(found?.sizeBytes == 5)
      #expect(server.requests.count <= 4)
    }
  }

  @Test("a server that changes its mind about the region is asked once more and not for ever")
  func endlessRegion() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      .error(400, "AuthorizationHeaderMalformed", extra: "<Region>region-\(number)</Region>")
    }) { bucket, server in
      let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
      #expect(found == .invalidRequest)
      #expect(server.requests.count == 2)
    }
  }

  @Test("a region that could not be one is not believed")
  func hostileRegion() async throws {
    for region in ["a b", "x/y", String(repeating: "r", count: 65), "ü", "&#10;"] {
      try await ScriptedServer.withBucket({ _, _ in
        .error(400, "AuthorizationHeaderMalformed", extra: "<Region>\(region)</Region>")
      }) { bucket, server in
        let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
        #expect(found == .invalidRequest)
        #expect(server.requests.count == 1)
      }
    }
  }

  @Test("the server's clock is learnt from its refusal, used at once, and kept")
  func clock() async throws {
    let date = ("Date", "Thu, 01 Jan 2026 00:20:00 GMT")
    let refusals: [ScriptedAnswer] = [
      .error(403, "RequestTimeTooSkewed", [date]),
      .error(403, "RequestTimeTooSkewed", extra: "<ServerTime>2026-01-01T00:20:00Z</ServerTime>"),
    ]
    for refusal in refusals {
      try await ScriptedServer.withBucket({ number, _ in number == 1 ? refusal : Self.object }) {
        bucket, server in
        _ = try await bucket.getBytes("a", limitBytes: 10)
        #expect(bucket.client.observations.clockSkew == .seconds(1200))
        _ = try await bucket.getBytes("a", limitBytes: 10)
        #expect(
          server.requests.map { $0.header("x-amz-date") }
            == ["20260101T000000Z", "20260101T002000Z", "20260101T002000Z"])
        let url = try bucket.presignedGet("a", expires: .seconds(60))
        #expect(url.contains("X-Amz-Date=20260101T002000Z"))
      }
    }
  }

  @Test("a HEAD that is refused by a server with another clock is signed by that clock")
  func clockOfHead() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number == 1
        ? .bytes(ScriptedAnswer.raw(403, [("Date", "Wed, 31 Dec 2025 23:40:00 GMT")], []))
        : Self.object
    }) { bucket, server in
      let found = try await bucket.head("a")
      #expect(found?.sizeBytes == 5)
      #expect(server.requests.last?.header("x-amz-date") == "20251231T234000Z")
    }
  }

  @Test("a clock that is never right is asked once more and not for ever")
  func endlessClock() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      .error(403, "RequestTimeTooSkewed", [("Date", "Thu, 01 Jan 2026 0\(number):20:00 GMT")])
    }) { bucket, server in
      let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
      #expect(found == .accessDenied)
      #expect(server.requests.count == 2)
    }
  }

  @Test("S09 a redirect is not followed, gets no credentials, and is named in the hint")
  func redirect() async throws {
    try await ScriptedServer.run({ _, _ in Self.object }) { attacker in
      let target = "http://127.0.0.1:\(attacker.port)/steal?X-Amz-Signature=abc"
      for status in [301, 302, 303, 307, 308] {
        try await ScriptedServer.withBucket({ _, _ in .status(status, [("Location", target)]) }) {
          bucket, server in
          do {
            try await bucket.put("a", .bytes([1]))
            Issue.record("a redirect was followed")
          } catch let error as S3Error {
            #expect(error.kind == .invalidRequest)
            #expect(error.status == status)
            #expect(!error.description.contains("X-Amz-Signature"))
          }
          #expect(server.requests.count == 1)
        }
      }
      #expect(attacker.requests.isEmpty)
    }
  }

  @Test("every request says when, what and by whom, and nothing that servers refuse")
  func headers() async throws {
    try await ScriptedServer.withBucket({ _, _ in .status(200, [("ETag", #""e""#)]) }) {
      bucket, server in
      try await bucket.put("a", .bytes([1, 2, 3]))
      let request = try #require(server.requests.first)
      #expect(request.header("x-amz-content-sha256") == SigV4.payloadHash([1, 2, 3]))
      #expect(request.header("x-amz-date") == "20260101T000000Z")
      #expect(request.header("x-amz-meta-sha256") == SigV4.payloadHash([1, 2, 3]))
      #expect(request.header("accept-encoding") == "identity")
      #expect(request.header("content-length") == "3")
      let names = Set(request.headers.map { $0.name.lowercased() })
      for absent in ["x-amz-acl", "expect", "transfer-encoding", "content-encoding"] {
        #expect(!names.contains(absent))
      }
      #expect(!names.contains { $0.hasPrefix("x-amz-checksum") || $0.hasPrefix("x-amz-trailer") })
    }
  }

  @Test("UNSIGNED-PAYLOAD is not sent over plain HTTP, even where asked for")
  func unsignedPayload() async throws {
    try await ScriptedServer.withBucket(
      { _, _ in .status(200, [("ETag", #""e""#)]) }, change: { $0.signsPayload = false }
    ) { bucket, server in
      try await bucket.put("a", .bytes([1, 2, 3]))
      let hashes = server.requests.map { $0.header("x-amz-content-sha256") }
      #expect(hashes == [SigV4.payloadHash([1, 2, 3])])
      let stream = await kind { () async throws(S3Error) in
        try await bucket.put("a", .stream(length: 1, sha256: nil) { [1] })
      }
      #expect(stream == .invalidRequest)
    }
  }

  @Test("what no header can carry is refused before it is sent")
  func hostileOptions() async throws {
    try await ScriptedServer.withBucket({ _, _ in Self.object }) { bucket, server in
      let changes: [(inout S3PutOptions) -> Void] = [
        { $0.contentType = "a\r\nx-evil: 1" }, { $0.metadata = ["a": "b\nc"] },
        { $0.metadata = ["a b": "c"] }, { $0.metadata = ["": "c"] }, { $0.metadata = ["a": "ü"] },
        { $0.metadata = ["a:b": "c"] }, { $0.acl = " private" }, { $0.cacheControl = "\u{0}" },
      ]
      for change in changes {
        var options = S3PutOptions()
        change(&options)
        let found = await kind { () async throws(S3Error) in
          try await bucket.put("a", .bytes([]), options)
        }
        #expect(found == .invalidRequest)
      }
      #expect(server.requests.isEmpty)
    }
  }
}
