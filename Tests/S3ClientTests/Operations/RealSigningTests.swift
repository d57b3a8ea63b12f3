// Who may, where and when: signatures, regions and clocks on real servers, and URLs for others.

import CurlHTTP
import Foundation
import Logging
import Testing

@testable import S3Client

@Suite("signatures on a real server", .enabled(if: !RealServer.all.isEmpty, RealServer.skipped))
struct RealSigningTests {
  @Test("J3 a wrong secret is refused", arguments: RealServer.all)
  func wrongSecret(_ server: RealServer) async throws {
    var settings = server.settings
    settings.credentials = S3Credentials(
      accessKey: server.credentials.accessKey, secretKey: server.credentials.secretKey + "x")
    try await server.withBucket(settings) { bucket in
      let kinds = [
        await kind { () async throws(S3Error) in try await bucket.put("a", .bytes([1])) },
        await kind { () async throws(S3Error) in try await bucket.get("a") },
        await kind { () async throws(S3Error) in try await bucket.head("a") },
        await kind { () async throws(S3Error) in try await bucket.listPage() },
        await kind { () async throws(S3Error) in try await bucket.delete(["a"]) },
        await kind { () async throws(S3Error) in try await bucket.head() },
      ]
      #expect(kinds == Array(repeating: .accessDenied, count: 6))
    }
  }

  @Test("a wrong region is learnt from the refusal, also of a HEAD", arguments: RealServer.all)
  func wrongRegion(_ server: RealServer) async throws {
    for region in ["eu-wrong-9", "auto", ""] {
      var settings = server.settings
      settings.region = region
      try await server.withBucket(settings) { bucket in
        let missing = try await bucket.head("a")
        #expect(missing == nil)
        try await bucket.put("a", .bytes([1]))
        let (_, bytes) = try await bucket.getBytes("a", limitBytes: 1)
        #expect(bytes == [1])
        // A server that takes any region names none; one that does not has told its own.
        if let learnt = bucket.client.observations.region {
          let signed = bucket.client.facts.context(now: S3Instant(milliseconds: 0)).region
          #expect(signed == learnt)
          #expect(learnt != "eu-wrong-9")
        }
      }
    }
  }

  @Test("a clock that is 20 minutes off is learnt, then all works", arguments: RealServer.all)
  func skewedClock(_ server: RealServer) async throws {
    for minutes in [-20, 20] {
      var skewed = S3Surroundings.live
      skewed.now = { S3Surroundings.live.now().advanced(by: .seconds(minutes * 60)) }
      try await server.withBucket(surroundings: skewed) { bucket in
        try await bucket.put("a", .bytes([1]))
        let found = try await bucket.head("a")
        #expect(found?.sizeBytes == 1)
        let skew = try #require(bucket.client.observations.clockSkew)
        #expect(abs(skew.components.seconds + Int64(minutes * 60)) <= 5)
      }
      try await server.withBucket(surroundings: skewed) { bucket in
        let missing = try await bucket.head("a")
        #expect(missing == nil)
      }
    }
  }

  @Test(
    "buckets that are a part of the host's name work, presigned as well", arguments: RealServer.all)
  func virtualHosts(_ server: RealServer) async throws {
    // Names below localhost are this machine to libcurl; other hosts need a server that is set up for it.
    guard server.endpoint.host == "127.0.0.1", !server.endpoint.isTLS,
      let port = server.endpoint.port, let endpoint = S3Endpoint("http://localhost:\(port)")
    else { return }
    var settings = server.settings
    settings.endpoint = endpoint
    settings.addressing = .virtualHost
    try await server.withBucket(settings) { bucket in
      try await bucket.put("a b/ü", .bytes([1]))
      let listed = try await bucket.listPage()
      #expect(listed.objects.map(\.key) == ["a b/ü"])
      let url = try bucket.presignedGet("a b/ü", expires: .seconds(60))
      #expect(url.hasPrefix("http://\(bucket.name).localhost:"))
      let http = try CurlClient(settings: server.http)
      let answer = try await http.fetch(CurlRequest("GET", url), limitBytes: 1000)
      #expect(answer.body == [1])
      await http.close()
    }
  }

  @Test(
    "over TLS, payloads may go unsigned, streams without a hash among them",
    .enabled(if: !RealServer.overTLS.isEmpty, "needs ARCHIVE_TEST_S3_TLS_ENDPOINT"),
    arguments: RealServer.overTLS)
  func unsignedOverTLS(_ server: RealServer) async throws {
    var settings = server.settings
    settings.signsPayload = false
    settings.partBytes = 5 << 20
    try await server.withBucket(settings) { bucket in
      try await bucket.put("bytes", .bytes([1, 2]))
      let head = try await bucket.head("bytes")
      #expect(head?.metadata["sha256"] == nil)
      let source = ChunkSource(patternedBytes(100_000), chunkBytes: 999)
      try await bucket.put("stream", .stream(length: 100_000, sha256: nil) { source.next() })
      let (_, bytes) = try await bucket.getBytes("stream", limitBytes: 100_000)
      #expect(bytes == patternedBytes(100_000))
      let parts = ChunkSource(patternedBytes(6 << 20), chunkBytes: 1 << 20)
      _ = try await bucket.upload("parts", length: 6 << 20) { parts.next() }
      let found = try await bucket.head("parts")
      #expect(found?.sizeBytes == 6 << 20)
    }
  }

  @Test("a bucket is created twice, found, located, and gone", arguments: RealServer.all)
  func buckets(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      try await bucket.create()
      try await bucket.head()
      let location = try await bucket.location()
      #expect(!location.isEmpty)
      try await bucket.put("a", .bytes([]))
      let full = await kind { () async throws(S3Error) in try await bucket.deleteBucket() }
      #expect(full == .conflict)
    }
  }

  @Test(
    "J3 a presigned GET is served to anybody, with the headers asked for", arguments: RealServer.all
  )
  func presignedGet(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let key = "pre signed/ü+%.html"
      try await bucket.put(key, .bytes(Array("<b>".utf8)))
      let url = try bucket.presignedGet(
        key, expires: .seconds(60), contentType: "text/plain",
        contentDisposition: #"attachment; filename="a b.html""#)
      let http = try CurlClient(settings: server.http)
      let answer = try await http.fetch(CurlRequest("GET", url), limitBytes: 1 << 20)
      #expect(answer.head.status == 200)
      #expect(answer.body == Array("<b>".utf8))
      #expect(answer.head.header("content-type") == "text/plain")
      #expect(answer.head.header("content-disposition") == #"attachment; filename="a b.html""#)
      let tampered = url.replacingOccurrences(of: "text%2Fplain", with: "text%2Fhtml")
      let refused = try await http.fetch(CurlRequest("GET", tampered), limitBytes: 1 << 20)
      #expect(refused.head.status == 403)
      await http.close()
    }
  }

  @Test("J3 a presigned PUT stores what was agreed and nothing else", arguments: RealServer.all)
  func presignedPut(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let url = try bucket.presignedPut(
        "in", expires: .seconds(60), contentType: "image/png", contentLength: 3)
      let http = try CurlClient(settings: server.http)
      let wrong = try await http.fetch(
        CurlRequest(
          "PUT", url, headers: [CurlHeader("Content-Type", "text/html")], body: .bytes([1, 2, 3])),
        limitBytes: 1 << 20)
      #expect(wrong.head.status == 403)
      let tooLong = try await http.fetch(
        CurlRequest(
          "PUT", url, headers: [CurlHeader("Content-Type", "image/png")],
          body: .bytes([1, 2, 3, 4])),
        limitBytes: 1 << 20)
      #expect(tooLong.head.status == 403)
      let right = try await http.fetch(
        CurlRequest(
          "PUT", url, headers: [CurlHeader("Content-Type", "image/png")], body: .bytes([1, 2, 3])),
        limitBytes: 1 << 20)
      #expect(right.head.status == 200)
      let (head, bytes) = try await bucket.getBytes("in", limitBytes: 3)
      #expect(bytes == [1, 2, 3])
      #expect(head.contentType == "image/png")
      await http.close()
    }
  }
}
