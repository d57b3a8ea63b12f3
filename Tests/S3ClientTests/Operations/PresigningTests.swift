// URLs for others, without a server.

import Logging
import Testing

@testable import S3Client

@Suite("presigned URLs")
struct PresigningTests {
  private func bucket(_ change: (inout S3Settings) -> Void = { _ in }) throws -> S3Bucket {
    let endpoint = try #require(S3Endpoint("http://minio:9000"))
    var settings = S3Settings(endpoint: endpoint, credentials: ScriptedServer.credentials)
    change(&settings)
    let client = try S3Client(
      settings: settings, surroundings: RecordingClock().surroundings,
      logger: Logger(label: "test"))
    return try client.bucket("pictures")
  }

  @Test("J3 a URL is made for the public endpoint, in the client's style")
  func publicEndpoint() async throws {
    let inner = try bucket()
    let url = try inner.presignedGet("a b", expires: .seconds(60))
    #expect(url.hasPrefix("http://minio:9000/pictures/a%20b?"))
    #expect(url.contains("X-Amz-Expires=60&"))
    let outer = try bucket {
      $0.publicEndpoint = S3Endpoint("https://files.example/s3")
      $0.addressing = .virtualHost
    }
    let shown = try outer.presignedGet("a b", expires: .seconds(60))
    #expect(shown.hasPrefix("https://pictures.files.example/s3/a%20b?"))
    #expect(shown.contains("X-Amz-SignedHeaders=host&"))
    #expect(!shown.contains("secret"))
    await inner.client.close()
    await outer.client.close()
  }

  @Test("a URL lives 1 second to 7 days")
  func expiry() async throws {
    let bucket = try bucket()
    for good: Duration in [.seconds(1), .seconds(604_800)] {
      _ = try bucket.presignedGet("a", expires: good)
    }
    for bad: Duration in [
      .zero, .seconds(-1), .milliseconds(999), .seconds(604_801),
      .seconds(604_800) + .nanoseconds(1),
      .seconds(Int64.max),
    ] {
      let refused = await kind { () async throws(S3Error) in
        try bucket.presignedPut("a", expires: bad)
      }
      #expect(refused == .invalidRequest)
    }
    await bucket.client.close()
  }

  @Test("names that no bucket can have are refused")
  func bucketNames() async throws {
    let client = try bucket().client
    for good in ["abc", "a-b", "a.b.c", "123", "a1.2b", String(repeating: "a", count: 63)] {
      _ = try client.bucket(good)
    }
    for bad in [
      "", "ab", "Abc", "a_b", "-ab", "ab-", "a..b", ".ab", "ab.", "a/b", "a b", "ü23",
      "192.168.0.1",
      "a.-b", String(repeating: "a", count: 64), "..", "a%2f",
    ] {
      let refused = await kind { () async throws(S3Error) in try client.bucket(bad) }
      #expect(refused == .invalidRequest, "name \(bad)")
    }
    await client.close()
  }
}
