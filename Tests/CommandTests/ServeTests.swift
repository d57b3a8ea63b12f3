// The whole server, from its first line to its last.

import Foundation
import Testing

@Suite("archive-service serve", .timeLimit(.minutes(2)))
struct ServeTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test("prints one line with its URL, ends with 0 on SIGTERM, and loses nothing")
  func termination() async throws {
    let server = try await RunningServer(scratch)
    #expect(server.output.hasPrefix("archive-service listens on http://127.0.0.1:"))
    #expect(server.output.filter(\.isNewline).count == 1)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(5, in: conversation) == [201, 201, 201, 201, 201])
    #expect(await server.stop() == 0)

    let again = try await RunningServer(scratch)
    // The same secret signs, so the token is good after a restart.
    let later = HTTPTalk(url: again.url, token: talk.token)
    #expect(try await later.seqs(in: conversation) == [1, 2, 3, 4, 5])
    #expect(await again.stop(SIGINT) == 0)
  }

  @Test("keeps its secrets in files that only their owner reads")
  func secrets() async throws {
    let server = try await RunningServer(scratch)
    #expect(await server.stop() == 0)
    let data = scratch.path + "/data"
    for (name, mode) in [("", 0o700), ("/auth.secret", 0o600), ("/anchor.key", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: data + name)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
    }
    let secret = try Data(contentsOf: URL(filePath: data + "/auth.secret"))
    let anchor = try Data(contentsOf: URL(filePath: data + "/anchor.key"))
    #expect(secret.count == 32 && anchor.count == 32 && secret != anchor)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: data).allSatisfy { !$0.contains(".new-") }
    )
  }

  @Test("a second server on the same data directory is refused")
  func secondServer() async throws {
    let server = try await RunningServer(scratch)
    let second = try await BuiltProgram.run(
      ["serve", "--port", "0", "--data", scratch.path + "/data"], in: scratch)
    #expect(second.status == 1)
    #expect(second.errors.contains("already serves from this data directory"))
    #expect(second.output.isEmpty)
    #expect(await server.stop() == 0)
  }

  @Test("a port that is taken is named")
  func takenPort() async throws {
    let server = try await RunningServer(scratch)
    let port = server.url.split(separator: ":").last.map(String.init) ?? ""
    // Another deployment: the keys of this one are not in the other directory.
    let second = try await BuiltProgram.run(
      ["serve", "--port", port, "--data", scratch.path + "/other"], in: try ScratchDirectory())
    #expect(second.status == 1)
    #expect(second.errors.contains("the port is taken"))
    #expect(second.errors.contains(port))
    #expect(await server.stop() == 0)
  }

  @Test("wrong settings end with 78 and say what is wrong without a stack trace")
  func wrongSettings() async throws {
    let result = try await BuiltProgram.run(
      ["serve", "--set", "http.port=http"], in: scratch, settings: ["ARCHIVE_MONGO_URI": "x"])
    #expect(result.status == 78)
    #expect(result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix("archive-service: ") })
    let alone = try await BuiltProgram.run(["serve", "--set", "http.port"], in: scratch)
    #expect(alone.status == 78)
    #expect(try await BuiltProgram.run(["serve", "--no-such-flag"], in: scratch).status == 64)
  }

  @Test("an archive without its key is not given a new one")
  func missingAnchorKey() async throws {
    let server = try await RunningServer(scratch)
    #expect(await server.stop() == 0)
    try FileManager.default.removeItem(atPath: scratch.path + "/data/anchor.key")
    let result = try await BuiltProgram.run(
      ["serve", "--port", "0", "--data", scratch.path + "/data"], in: scratch)
    #expect(result.status == 1)
    #expect(result.errors.contains("anchor.key"))
  }
}
