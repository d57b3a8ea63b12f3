// Letters of the built server, through a real mail server.

import ArchiveService
import Foundation
import MailTesting
import SMTPClient
import Testing

@testable import archive_service

@Suite(
  "mail", .timeLimit(.minutes(3)),
  .enabled(if: TestMailServer.first != nil, Comment(rawValue: TestMailServer.wanted)))
struct MailTests {
  private let server: TestMailServer
  private let scratch: ScratchDirectory
  private let name = "to" + UUID().uuidString.lowercased().replacing("-", with: "")
  private var address: String { name + "@example.org" }

  init() throws {
    server = try #require(TestMailServer.first)
    scratch = try ScratchDirectory()
  }

  private func settings(_ url: String, _ more: [String: String] = [:]) -> [String: String] {
    [
      "ARCHIVE_MAIL_URL": url, "ARCHIVE_MAIL_FROM": "Ромашка <chat@example.org>",
      "ARCHIVE_MAIL_CAFILE": server.certificateAuthorityFile,
      "ARCHIVE_HTTP_PUBLICURL": "https://chat.example.org",
    ].merging(more) { $1 }
  }

  private func signUp(_ talk: HTTPTalk, language: String = "en") async throws {
    let body =
      #"{"email":"\#(address)","name":"Ada","password":"correct horse","language":"\#(language)"}"#
    #expect(try await talk.ask("POST", "/api/auth/signup", body).status == 201)
  }

  /// The mails to the test's address, when so many have come.
  private func mails(_ count: Int, in folder: String) async throws -> [ReceivedMail] {
    for _ in 0..<600 {
      let mails = try ReceivedMail.all(in: folder, to: address)
      if mails.count >= count { return mails }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("only \(try ReceivedMail.all(in: folder, to: address).count) of \(count) mails")
    return []
  }

  private func link(in text: String?) throws -> (whole: String, token: String) {
    let line = try #require(
      text?.split(separator: "\n").first { $0.hasPrefix("https://chat.example.org/") })
    let token = URLComponents(string: String(line))?.queryItems?.first { $0.name == "token" }?.value
    return (String(line), try #require(token))
  }

  @Test(
    "B1 C7 the letter of a sign-up arrives, readable in both forms, and its link confirms once",
    arguments: ["en", "ru"])
  func confirmation(_ language: String) async throws {
    let running = try await RunningServer(scratch, settings(server.tls))
    let talk = HTTPTalk(url: running.url)
    try await signUp(talk, language: language)
    let mail = try #require(try await mails(1, in: server.folder).first)
    #expect(mail.envelope.tls && mail.envelope.user == "tester")
    let read = try await mail.read()
    #expect(read.defects == [])
    #expect(read.headers["to"] == address)
    #expect(read.headers["from"] == "Ромашка <chat@example.org>")
    let subject = [
      "en": "Confirm your address for Ромашка", "ru": "Подтвердите адрес для «Ромашка»",
    ]
    #expect(read.headers["subject"] == subject[language])
    let link = try link(in: read.text)
    #expect(read.html?.contains(link.whole.replacing("&", with: "&amp;")) == true)
    let body = #"{"token":"\#(link.token)"}"#
    let first = try await talk.ask("POST", "/api/auth/confirm-email", body).status
    #expect((200...299).contains(first))
    #expect(try await talk.ask("POST", "/api/auth/confirm-email", body).status == 400)
    #expect(await running.stop() == 0)
  }

  @Test("C7 letters wait for a mail server that is dead, through a kill of ours, and arrive once")
  func restart() async throws {
    let own = try OwnMailServer(server)
    let running = try await RunningServer(scratch, settings(own.url))
    try await signUp(HTTPTalk(url: running.url))
    // It has met the dead server by the time that it is killed.
    try await Task.sleep(for: .seconds(2))
    #expect(await running.stop(SIGKILL) == 128 + SIGKILL)
    try own.start()
    let again = try await RunningServer(scratch, settings(own.url))
    #expect(try await mails(1, in: own.folder).count == 1)
    try await Task.sleep(for: .seconds(2))
    #expect(try own.mails(to: address).count == 1)
    #expect(await again.stop() == 0)
  }

  @Test("C7 a mail server that dies and comes back is found again")
  func deadThenAlive() async throws {
    let own = try OwnMailServer(server)
    let running = try await RunningServer(scratch, settings(own.url))
    try await signUp(HTTPTalk(url: running.url))
    try await Task.sleep(for: .seconds(2))
    try own.start()
    #expect(try await mails(1, in: own.folder).count == 1)
    #expect(await running.stop() == 0)
  }

  @Test(
    "I3 the operator gets one mail about a disk that is nearly full, and none about it after a restart"
  )
  func alert() async throws {
    let more = [
      "ARCHIVE_ALERTS_TO": "\(address), other@example.org", "ARCHIVE_ALERTS_DISKFREE": "1048576GiB",
      "ARCHIVE_ALERTS_LANGUAGE": "ru",
    ]
    let running = try await RunningServer(
      scratch, settings(server.startTLS, more.merging(["ARCHIVE_MAIL_STARTTLS": "required"]) { $1 })
    )
    let mail = try #require(try await mails(1, in: server.folder).first)
    let read = try await mail.read()
    #expect(read.headers["subject"] == "[Ромашка] Диск почти заполнен")
    #expect(await running.stop() == 0)
    let again = try await RunningServer(scratch, settings(server.url, more))
    try await Task.sleep(for: .seconds(3))
    #expect(try server.mails(to: address).count == 1)
    #expect(await again.stop() == 0)
  }

  // MARK: doctor

  private func doctor(_ settings: [String: String], _ arguments: String...) async throws
    -> CommandResult
  {
    try await BuiltProgram.run(
      ["doctor", "--data", scratch.path + "/data"] + arguments, in: scratch, settings: settings)
  }

  @Test("doctor signs in at the mail server, and sends a letter where it is asked to")
  func doctorIsContent() async throws {
    let result = try await doctor(settings(server.tls))
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("lets us in"))
    #expect(try server.mails(to: address).isEmpty)
    let sending = try await doctor(settings(server.tls), "--mail-to", address)
    #expect(sending.status == 0, "\(sending.output)")
    #expect(
      try await server.mails(to: address).first?.read().headers["subject"]
        == "archive-service doctor")
  }

  @Test("doctor says what is wrong with mail, and shows no password")
  func doctorIsNot() async throws {
    let wrong = server.tls.replacing("test-password", with: "hunter2hunter2")
    let cases: [(settings: [String: String], arguments: [String], said: String)] = [
      (settings(wrong), [], "check user and password"),
      (settings("smtp://127.0.0.1:1"), [], "check host and port"),
      (settings(server.url, ["ARCHIVE_MAIL_STARTTLS": "required"]), [], "smtps://"),
      (settings(server.tls, ["ARCHIVE_MAIL_CAFILE": "/nowhere.pem"]), [], "cannot be read"),
      (settings(server.url), ["--mail-to", "reject@example.org"], "550"),
    ]
    for (settings, arguments, said) in cases {
      let result = try await BuiltProgram.run(
        ["doctor", "--data", scratch.path + "/data"] + arguments, in: scratch, settings: settings)
      #expect(result.status == 1, "\(result.output)")
      #expect(result.output.contains(said), "\(result.output)")
      #expect(!(result.output + result.errors).contains("hunter2"))
    }
  }
}
