// What is done on the command line, in the audit log; and limits as the settings say them.

import ArchiveService
import Foundation
import Testing

@testable import archive_service

@Suite("The audit log and limits of the program", .timeLimit(.minutes(2)))
struct AuditedCommandTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func run(_ arguments: String..., input: String = "") async throws -> CommandResult {
    try await BuiltProgram.run(
      arguments + ["--data", scratch.path + "/data"], in: scratch, input: input)
  }

  @Test("A7 accounts made and conversations read on the command line are in the audit log")
  func commandLine() async throws {
    let server = try await RunningServer(scratch)
    let made = try await run(
      "user", "create", "--email", "root@example.org", "--name", "Root", "--role", "admin",
      "--password-stdin", input: "correct horse\n")
    #expect(made.status == 0)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(1, in: conversation) == [201])
    #expect(try await run("export", "--conversation", conversation, "-o", "-").status == 0)
    var root = HTTPTalk(url: server.url)
    let (_, session) = try await root.ask(
      "POST", "/api/auth/login", #"{"email":"root@example.org","password":"correct horse"}"#)
    root.token = session["accessToken"] as? String
    let (status, json) = try await root.ask(
      "GET", "/api/admin/audit?kind=userCreated,conversationRead")
    #expect(status == 200)
    let items = json["items"] as? [[String: any Sendable]] ?? []
    #expect(items.map { $0["kind"] as? String } == ["conversationRead", "userCreated"])
    #expect(items.first?["conversationId"] as? String == conversation)
    #expect((items.last?["detail"] as? [String: any Sendable])?["role"] as? String == "admin")
    #expect(await server.stop() == 0)
  }

  @Test("B5 a rate in the settings is the rate of the server, and off is none")
  func rates() async throws {
    let server = try await RunningServer(
      scratch, ["ARCHIVE_LIMITS_SENDSPERACCOUNT": "3/1h", "ARCHIVE_LIMITS_SENDSPERADDRESS": "off"])
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    // Opening the conversation was the first.
    #expect(try await talk.say(4, in: conversation) == [201, 201, 429, 429])
    #expect(await server.stop() == 0)
  }

  @Test(
    "a rate, a network or a retention that makes no sense is refused with what is allowed",
    arguments: [
      ("limits.sendsPerAccount", "10"), ("limits.sendsPerAccount", "0/1m"),
      ("limits.sendsPerAccount", "10/2d"), ("limits.sendsPerAccount", "-1/1m"),
      ("limits.sendsPerAccount", "10/1m/1"), ("limits.sendsPerAccount", "+1/1m"),
      ("limits.sendsPerAccount", "10/999ms"), ("http.trustedProxies", "10.0.0.1/8"),
      ("http.trustedProxies", "proxy.example.org"), ("http.trustedProxies", "10.0.0.0/8,"),
      ("audit.retention", "1m"), ("limits.freeSignInFailures", "0"),
    ])
  func nonsense(_ name: String, _ value: String) async throws {
    do {
      _ = try await SettingsReader(flags: [(name, value)]).settings()
      Issue.record("\(name)=\(value) was taken")
    } catch {
      #expect("\(error)".contains("\(name) does not take this value"))
      #expect("\(error)".contains("allowed: "))
    }
  }

  @Test("rates and networks are read as they are written")
  func values() async throws {
    let settings = try await SettingsReader(flags: [
      ("limits.sendsPerAccount", "5/12h"), ("limits.signUpsPerAddress", "off"),
      ("http.trustedProxies", "10.0.0.0/8, ::1"), ("audit.retention", "90d"),
    ]).settings()
    #expect(RateForm.text(settings.service.limits.sendsPerAccount) == "5/12h")
    #expect(settings.service.limits.signUpsPerAddress == nil)
    #expect(settings.service.http.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1/128"])
    #expect(settings.service.audit.retention == .seconds(90 * 86_400))
  }
}
