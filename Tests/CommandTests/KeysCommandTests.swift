// Keys of access tokens from the command line, beside a server that runs.

import Foundation
import Testing

@Suite("The keys of access tokens", .timeLimit(.minutes(2)))
struct KeysCommandTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func rotate(_ flags: String...) async throws -> CommandResult {
    try await BuiltProgram.run(
      ["keys", "rotate", "--data", scratch.path + "/data"] + flags, in: scratch)
  }

  private func published(_ talk: HTTPTalk) async throws -> [String] {
    let (_, json) = try await talk.ask("GET", "/.well-known/jwks.json")
    return (json["keys"] as? [[String: any Sendable]] ?? []).compactMap { $0["kid"] as? String }
  }

  @Test(
    "B2 a key that follows is published by a server that runs, and one that replaces is used at once"
  )
  func rotation() async throws {
    let server = try await RunningServer(scratch)
    var ada = HTTPTalk(url: server.url)
    _ = try await ada.signUp("ada")
    let (_, signedIn) = try await ada.ask(
      "POST", "/api/auth/login", #"{"email":"ada@example.org","password":"correct horse"}"#)
    let refresh = try #require(signedIn["refreshToken"] as? String)
    let first = try await rotate()
    #expect(first.status == 0)
    #expect(first.output.hasPrefix("key ") && first.output.contains(" signs from "))
    while try await published(ada).count < 2 { try await Task.sleep(for: .milliseconds(100)) }
    #expect(try await ada.ask("GET", "/api/users/me").status == 200)
    #expect(try await rotate("--now").status == 0)
    while try await ada.ask("GET", "/api/users/me").status == 200 {
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try await published(ada).count == 1)
    let (status, renewed) = try await ada.ask(
      "POST", "/api/auth/refresh", #"{"refreshToken":"\#(refresh)"}"#)
    #expect(status == 200)
    ada.token = renewed["accessToken"] as? String
    #expect(try await ada.ask("GET", "/api/users/me").status == 200)
    #expect(await server.stop() == 0)
  }

  @Test("keys rotate makes no archive where there is none")
  func nothingThere() async throws {
    let result = try await rotate()
    #expect(result.status == 2)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/data"))
  }
}
