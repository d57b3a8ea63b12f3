// What `doctor` finds out about buckets, good and bad.

import ArchiveCore
import ArchiveTesting
import Foundation
import S3Client
import S3Store
import S3Testing
import Testing

@Suite(
  "examining a bucket", .timeLimit(.minutes(5)),
  .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)))
struct BucketExaminationTests {
  private func examination(
    _ server: TestS3Server, bucket: String = TestPlace.sharedBucket, prefix: String = "",
    through endpoint: String? = nil, _ change: (inout S3Settings) -> Void = { _ in }
  ) throws -> BucketExamination {
    var settings = try server.settings(through: endpoint)
    settings.retries.base = .milliseconds(1)
    change(&settings)
    return BucketExamination(
      settings: settings, bucket: bucket, prefix: prefix, surroundings: liveSurroundings,
      logger: TestS3Server.silent, outside: visit)
  }

  private let visit: OutsideFetch = { url, headers in
    guard let address = URL(string: url) else { throw URLError(.badURL) }
    return try await PlainFetch.get(address, headers)
  }

  private func found(_ findings: [BucketFinding], _ check: String) -> BucketFinding? {
    findings.first { $0.check == check }
  }

  @Test("a good bucket has no failure, and nothing is left in it", arguments: TestS3Server.all)
  func good(_ server: TestS3Server) async throws {
    try await server.withPlace { place in
      let findings = try await examination(server, prefix: place.prefix).run()
      for finding in findings { #expect(finding.outcome != .failed, "\(finding)") }
      #expect(findings.count == 14)
      #expect(found(findings, "links")?.outcome == .ok)
      #expect(try await place.names() == [])
      #expect(try await place.bucket.listUploads(prefix: place.prefix).isEmpty)
    }
  }

  @Test("a wrong key or secret is told with the setting to look at", arguments: TestS3Server.all)
  func wrongKeys(_ server: TestS3Server) async throws {
    let findings = try await examination(server) {
      $0.credentials = S3Credentials(accessKey: server.accessKey, secretKey: "wrong")
    }.run()
    let finding = try #require(found(findings, "credentials"))
    #expect(finding.outcome == .failed)
    #expect(finding.cure?.contains("s3.secretKey") == true)
    #expect(
      findings.filter { $0.check != "server" && $0.check != "credentials" }.allSatisfy {
        $0.outcome == .skipped
      })
  }

  @Test("a missing bucket is told, and made on request", arguments: TestS3Server.all)
  func missingBucket(_ server: TestS3Server) async throws {
    let name = "archive-test-doctor-\(liveSurroundings.newID())".lowercased()
    var examination = try examination(server, bucket: name)
    let missing = try #require(found(await examination.run(), "bucket"))
    #expect(missing.outcome == .failed)
    #expect(missing.cure?.contains("--create-bucket") == true)
    examination.createsBucket = true
    let findings = await examination.run()
    #expect(found(findings, "bucket")?.detail.contains("was created") == true)
    #expect(!findings.contains { $0.outcome == .failed })
    let client = try server.client()
    try await client.bucket(name).deleteBucket()
    await client.close()
  }

  @Test("a server that is away ends the examination at once")
  func away() async throws {
    let server = try #require(TestS3Server.first)
    let findings = try await examination(server, through: "http://127.0.0.1:1").run()
    #expect(findings.first?.outcome == .failed)
    #expect(findings.first?.cure != nil)
    #expect(findings.dropFirst().allSatisfy { $0.outcome == .skipped })
  }

  @Test("what a proxy does to answers is found, and scratch objects are deleted all the same")
  func badProxy() async throws {
    let server = try #require(TestS3Server.first)
    try await server.withProxy { proxy in
      try await server.withPlace { place in
        proxy.inject(
          .corruptByte, times: 100, when: { $0.method == "GET" && $0.path.hasSuffix("/object") })
        proxy.inject(
          .compress, times: 100, when: { $0.method == "GET" && $0.path.hasSuffix("text.txt") })
        let findings = try await examination(server, prefix: place.prefix, through: proxy.endpoint)
          .run()
        #expect(found(findings, "round trip")?.outcome == .failed)
        #expect(found(findings, "ranges")?.outcome == .ok)
        let compression = try #require(found(findings, "compression"))
        #expect(compression.outcome == .failed)
        #expect(compression.cure != nil)
        #expect(try await place.names() == [])
      }
    }
  }

  @Test("when the server stops answering the rest is skipped, and scratch objects are deleted")
  func stopsAnswering() async throws {
    let server = try #require(TestS3Server.first)
    try await server.withProxy { proxy in
      try await server.withPlace { place in
        proxy.inject(
          .dropRequest, times: 100, when: { $0.method == "GET" && $0.path.hasSuffix("/ranged") })
        let findings = try await examination(server, prefix: place.prefix, through: proxy.endpoint)
          .run()
        #expect(found(findings, "ranges")?.outcome == .failed)
        let later = ["lists", "multipart", "create-only puts", "links", "compression"]
        for check in later { #expect(found(findings, check)?.outcome == .skipped) }
        #expect(found(findings, "clean-up")?.outcome == .ok)
        #expect(try await place.names() == [])
      }
    }
  }
}
