// `doctor`, and servers whose bucket is away.

import ArchiveCore
import Foundation
import MongoTesting
import S3Client
import S3Testing
import Testing

@testable import archive_service

@Suite("archive-service doctor", .timeLimit(.minutes(2)))
struct DoctorTests {
  private let scratch: ScratchDirectory
  private static let nowhere = [
    "ARCHIVE_S3_ENDPOINT": "http://127.0.0.1:1", "ARCHIVE_S3_BUCKET": "chat",
    "ARCHIVE_S3_ACCESSKEY": "key", "ARCHIVE_S3_SECRETKEY": "secret",
  ]

  init() throws { scratch = try ScratchDirectory() }

  private func doctor(_ arguments: String..., settings: [String: String] = [:]) async throws
    -> CommandResult
  {
    try await BuiltProgram.run(
      ["doctor", "--data", scratch.path + "/data"] + arguments, in: scratch, settings: settings)
  }

  @Test("finds nothing wrong with a deployment that works, and leaves nothing behind")
  func allIsWell() async throws {
    // Nothing is flushed while the test looks.
    let server = try await RunningServer(scratch, ["ARCHIVE_ARCHIVE_IDLE": "5m"])
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(1, in: conversation) == [201])
    let result = try await doctor()
    #expect(result.status == 0, "\(result.output)")
    #expect(!result.output.contains("FAILED"))
    let opened = TestMongoServer.engine == nil ? "archive.sqlite opens" : "MongoDB answers"
    #expect(result.output.contains(opened))
    #expect(await server.stop() == 0)
    // A server that was slow to start makes its first snapshot at once.
    let left = try await ArchivedObjects(scratch: scratch).everything()
    #expect(left.filter { !$0.contains("snapshots/") } == [])
    let json = try await doctor("--json")
    let report = try JSONDecoder().decode(DoctorReport.self, from: Data(json.output.utf8))
    #expect(report.isGood && report.findings.count > 4)
  }

  @Test("before the first start it makes nothing, and finds nothing wrong")
  func beforeTheFirstStart() async throws {
    #expect(try await doctor().status == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/data"))
  }

  @Test("wrong settings are findings, and end with 78")
  func wrongSettings() async throws {
    let result = try await doctor("--set", "http.port=x")
    #expect(result.status == 78)
    #expect(result.output.contains("FAILED   http.port does not take this value"))
  }

  @Test("a bucket that does not answer is a failure with a cure, at once")
  func away() async throws {
    let result = try await doctor(settings: Self.nowhere)
    #expect(result.status == 1)
    #expect(result.output.contains("FAILED   http://127.0.0.1:1 unreachable"))
    #expect(result.output.contains("→ "))
    #expect(!result.output.contains("secret"))
  }

  @Test("an HTTP server that is no S3 server is told from a missing bucket")
  func noS3Server() async throws {
    let server = try await RunningServer(scratch)
    let elsewhere = Self.nowhere.merging(["ARCHIVE_S3_ENDPOINT": server.url]) { $1 }
    let result = try await BuiltProgram.run(
      ["doctor", "--create-bucket", "--data", scratch.path + "/other"], in: scratch,
      settings: elsewhere)
    #expect(result.status == 1)
    #expect(result.output.contains("answers 404, and not in the words of S3"))
    #expect(await server.stop() == 0)
  }

  @Test("objects that would be looked for elsewhere are a failure")
  func elsewhere() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(1, in: conversation) == [201])
    let flushed = try await BuiltProgram.run(
      ["flush", "--data", scratch.path + "/data"], in: scratch)
    #expect(flushed.status == 0)
    #expect(await server.stop() == 0)
    let result = try await doctor(settings: Self.nowhere)
    #expect(result.output.contains("FAILED   the archive's objects lie in"))
    let verified = try await BuiltProgram.run(
      ["verify", "--data", scratch.path + "/data"], in: scratch, settings: Self.nowhere)
    #expect(verified.status != 0)
    #expect(verified.errors.contains("the archive's objects lie in"))
  }

  @Test("A4 a server whose bucket is away starts, takes messages, and says that it is not ready")
  func serveWithoutBucket() async throws {
    let server = try await RunningServer(scratch, Self.nowhere)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation) == [201, 201, 201])
    #expect(try await talk.seqs(in: conversation) == [1, 2, 3])
    #expect(try await talk.ask("GET", "/readyz").status == 503)
    let flushed = try await BuiltProgram.run(
      ["flush", "--data", scratch.path + "/data"], in: scratch, settings: Self.nowhere)
    #expect(flushed.status == 1)
    #expect(flushed.errors.contains("unavailable"))
    #expect(try await talk.seqs(in: conversation) == [1, 2, 3])
    #expect(await server.stop() == 0)
  }

  @Test(
    "A4 what waited while the bucket was missing is archived once it is there",
    .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)))
  func bucketThatComesLater() async throws {
    let place = try #require(TestS3Server.first)
    let name = "archive-test-late-\(liveSurroundings.newID())".lowercased()
    let settings = place.variables(bucket: name, prefix: "late/")
    let server = try await RunningServer(scratch, settings)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation) == [201, 201, 201])
    #expect(try await talk.ask("GET", "/readyz").status == 503)
    func run(_ command: String) async throws -> CommandResult {
      try await BuiltProgram.run(
        [command, "--data", scratch.path + "/data"], in: scratch, settings: settings)
    }
    let early = try await run("flush")
    #expect(early.status == 1)
    #expect(early.errors.contains("create the bucket"))
    let made = try await doctor("--create-bucket", settings: settings)
    #expect(made.status == 0, "\(made.output)")
    // The server may have been faster.
    #expect(try await run("flush").status == 0)
    let verified = try await run("verify").output
    #expect(verified.contains("archived entries: 3") && verified.contains("entries waiting: 0"))
    #expect(verified.hasSuffix("all is well\n"))
    #expect(try await talk.ask("GET", "/readyz").status == 200)
    #expect(await server.stop() == 0)
    let client = try place.client()
    try await client.bucket(name).removeAll(prefix: "")
    try await client.bucket(name).deleteBucket()
    await client.close()
  }
}
