// Uploads that break off on their way to a real bucket.

import Foundation
import S3Client
import S3Testing
import Testing

@Suite(
  "Uploads that break off", .timeLimit(.minutes(2)),
  .enabled(if: TestS3Server.first != nil, "\(TestS3Server.wanted)"),
  .enabled(if: Uploaders.hasCurl, Uploaders.curlWanted))
struct BrokenUploadTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func until(_ claim: () async throws -> Bool) async throws {
    for _ in 0..<3000 {
      if try await claim() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("this never came to hold")
  }

  @Test(
    "E1 U14 a client that goes before the end of its file leaves no part in the bucket, and tries again"
  )
  func broken() async throws {
    let server = try #require(TestS3Server.first)
    let client = try server.client()
    let bucket = try client.bucket(TestPlace.sharedBucket)
    try await bucket.create()
    let running = try await RunningServer(
      scratch,
      server.variables(bucket: TestPlace.sharedBucket, prefix: scratch.prefix)
        .merging(["ARCHIVE_UPLOADS_QUOTABYTES": "30MiB"]) { $1 })
    var talk = HTTPTalk(url: running.url)
    _ = try await talk.signUp("ada")
    let path = scratch.path + "/file"
    try Data(repeating: 7, count: 24 << 20).write(to: URL(filePath: path))
    let (address, token) = (running.url + "/api/files", talk.token ?? "")

    // At 9 MiB a second it takes 2.7 s, and goes after 2.5.
    async let cut = Uploaders.curl(
      "--limit-rate", "9M", "--max-time", "2.5", "-F", "file=@\(path)", "-H",
      "Authorization: Bearer \(token)", address, in: scratch)
    try await until { try await !bucket.listUploads(prefix: scratch.prefix).isEmpty }
    #expect(try await cut.status == 28, "curl's time was not over")
    try await until { try await bucket.listUploads(prefix: scratch.prefix).isEmpty }
    #expect(try await bucket.listPage(prefix: scratch.prefix + "files/").objects.isEmpty)

    // There is no room for both: the first one's is given back.
    let again = try await Uploaders.curl(
      "-F", "file=@\(path)", "-H", "Authorization: Bearer \(token)", "-w", "%{http_code}", "-o",
      "/dev/null", address, in: scratch)
    #expect(again.output == "201")
    #expect(try await bucket.listPage(prefix: scratch.prefix + "files/").objects.count == 1)
    #expect(await running.stop() == 0)
    try await bucket.removeAll(prefix: scratch.prefix)
    await client.close()
  }
}
