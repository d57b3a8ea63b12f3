// Mails to a real server.

import Foundation
import MailTesting
import Testing

@testable import SMTPClient

@Suite(.enabled(if: TestMailServer.first != nil, Comment(rawValue: TestMailServer.wanted)))
struct RealServerTests {
  private let server: TestMailServer
  private let recipient = "to+\(UUID().uuidString.lowercased())@example.org"

  init() throws { server = try #require(TestMailServer.first) }

  private func send(
    through url: String, to address: String? = nil, text: String = "Hi\n",
    _ change: (inout SMTPSettings) -> Void = { _ in }
  ) async throws -> SMTPReply {
    let client = try server.client(url, change)
    let result: Result<SMTPReply, any Error>
    do {
      result = .success(try await client.send(try .sample(to: address ?? recipient, text: text)))
    } catch {
      result = .failure(error)
    }
    await client.close()
    return try result.get()
  }

  private func failure(
    through url: String, to address: String? = nil, text: String = "Hi\n",
    _ change: (inout SMTPSettings) -> Void = { _ in }
  ) async -> SMTPError? {
    await SMTPClient.failure { _ = try await send(through: url, to: address, text: text, change) }
  }

  private func onlyMail() throws -> ReceivedMail {
    let mails = try server.mails(to: recipient)
    try #require(mails.count == 1)
    return mails[0]
  }

  @Test("C7 a mail arrives, byte for byte, with its envelope")
  func arrives() async throws {
    let text = ".\n..\r\n.hidden\nFrom me\n.\n\nПривет\n.\n"
    #expect(try await send(through: server.url, text: text).code == 250)
    let mail = try onlyMail()
    #expect(mail.envelope.from == "chat@example.org")
    #expect(mail.envelope.to == [recipient])
    #expect(mail.envelope.helo == "tests.example.org")
    #expect(!mail.envelope.tls && mail.envelope.user == nil)
    #expect(mail.bytes == (try MailMessage.sample(to: recipient, text: text).bytes()))
    let read = try await mail.read()
    #expect(read.defects == [])
    #expect(read.text == text.replacing("\r\n", with: "\n"))
  }

  @Test("lines that begin with dots arrive also where nothing encodes them")
  func dots() async throws {
    let settings = SMTPSettings(server: try #require(SMTPServer(server.url)))
    let body = "From: a@b.org\r\nTo: x@b.org\r\nSubject: dots\r\n\r\n.\r\n..\r\n.x\r\n...\r\n"
    let job = MailJob(
      Envelope(from: "a@b.org", to: [recipient], content: Array(body.utf8)))
    #expect(try MailTransfer.run(job, settings).get()?.code == 250)
    #expect(String(decoding: try onlyMail().bytes, as: UTF8.self) == body)
  }

  @Test("STARTTLS and signing in")
  func startTLS() async throws {
    _ = try await send(through: server.startTLS) { $0.encryption = .required }
    let mail = try onlyMail()
    #expect(mail.envelope.tls && mail.envelope.user == "tester" && mail.envelope.door == "starttls")
  }

  @Test("TLS from the first byte, and signing in")
  func implicitTLS() async throws {
    _ = try await send(through: server.tls)
    let mail = try onlyMail()
    #expect(mail.envelope.tls && mail.envelope.user == "tester" && mail.envelope.door == "tls")
  }

  @Test("AUTH LOGIN, where the server knows nothing better")
  func login() async throws {
    _ = try await send(through: server.login)
    #expect(try onlyMail().envelope.user == "tester")
  }

  @Test("AUTH PLAIN on this machine needs no encryption")
  func plain() async throws {
    _ = try await send(through: server.url.replacing("://", with: "://tester:test-password@"))
    #expect(try onlyMail().envelope.user == "tester")
  }

  @Test("a wrong password is told from everything else, and is in no error")
  func wrongPassword() async throws {
    for url in [server.tls, server.login, server.startTLS] {
      let wrong = url.replacing("test-password", with: "hunter2hunter2")
      let failure = await failure(through: wrong) {
        $0.encryption = url == server.login ? .automatic : .required
      }
      #expect(failure?.kind == .notSignedIn)
      #expect(failure?.stage == .signIn && failure?.reply?.code == 535)
      #expect(failure?.isTransient == false)
      let shown = failure.map { "\($0) \(String(reflecting: $0))" } ?? ""
      #expect(!shown.contains("hunter2") && !shown.contains("tester"))
      // Nor in the form in which it went over the wire.
      #expect(!shown.contains(Data("hunter2hunter2".utf8).base64EncodedString().prefix(8)))
    }
    #expect(try server.mails(to: recipient).isEmpty)
  }

  @Test("a server that wants to know who we are says so")
  func noPassword() async throws {
    let anonymous = server.tls.replacing("tester:test-password@", with: "")
    let failure = await failure(through: anonymous)
    #expect(failure?.kind == .notSignedIn)
    #expect(failure?.reply?.code == 530)
  }

  @Test("a server without STARTTLS gets nothing where encryption is required")
  func noStartTLS() async throws {
    let failure = await failure(through: server.url) { $0.encryption = .required }
    #expect(failure?.kind == .untrusted)
    #expect(failure?.message.contains("STARTTLS") == true)
    #expect(try server.mails(to: recipient).isEmpty)
  }

  @Test("a certificate of nobody, or of another name, is not trusted", arguments: [true, false])
  func untrusted(_ isUnknown: Bool) async throws {
    for url in [server.tls, server.startTLS] {
      let other = isUnknown ? url : url.replacing("localhost", with: "127.0.0.2")
      let failure = await failure(through: other) {
        if isUnknown { $0.certificateAuthorityFile = nil }
        $0.encryption = .required
      }
      if isUnknown { #expect(failure?.kind == .untrusted) } else { #expect(failure != nil) }
    }
    #expect(try server.mails(to: recipient).isEmpty)
  }

  @Test(
    "refusals keep their numbers and say whether they are for good",
    arguments: [
      ("reject", SMTPError.Kind.refused, SMTPStage.recipient, 550, "5.1.1"),
      ("relay", .refused, .recipient, 550, "5.7.1"), ("later", .later, .recipient, 451, "4.3.0"),
      ("spam", .refused, .body, 554, "5.7.1"), ("full", .later, .body, 452, "4.2.2"),
    ])
  func refusals(
    _ name: String, _ kind: SMTPError.Kind, _ stage: SMTPStage, _ code: Int, _ status: String
  ) async throws {
    let address = "\(name)+\(UUID().uuidString.lowercased())@example.org"
    let failure = await failure(through: server.url, to: address)
    #expect(failure?.kind == kind)
    #expect(failure?.stage == stage)
    #expect(failure?.reply == SMTPReply(code: code, status: status))
    #expect(failure?.isTransient == (kind == .later))
    #expect(failure.map { "\($0)".contains(address) } == false)
    #expect(try server.mails(to: address).isEmpty)
  }

  @Test("where one recipient is refused nobody gets the mail")
  func allOrNothing() async throws {
    let client = try server.client(server.url)
    let failure = await SMTPClient.failure {
      try await client.send(try .sample(to: recipient, "reject@example.org"))
    }
    #expect(failure?.kind == .refused)
    #expect(try server.mails(to: recipient).isEmpty)
    await client.close()
  }

  @Test("several recipients get one mail")
  func several() async throws {
    let client = try server.client(server.url)
    try await client.send(try .sample(to: recipient, "other@example.org"))
    #expect(try onlyMail().envelope.to == [recipient, "other@example.org"])
    await client.close()
  }

  @Test("an address in another script goes by SMTPUTF8")
  func utf8() async throws {
    let address = "ада+\(UUID().uuidString.lowercased())@example.org"
    #expect(try await send(through: server.url, to: address).code == 250)
    let mails = try server.mails(to: address)
    #expect(mails.count == 1)
    #expect(mails.first?.envelope.options.contains("SMTPUTF8") == true)
  }

  @Test("a server that never answers is left at the deadline, with the outcome unknown")
  func hanging() async throws {
    let address = "hang+\(UUID().uuidString.lowercased())@example.org"
    let failure = await failure(through: server.url, to: address) {
      $0.totalDeadline = .milliseconds(700)
    }
    #expect(failure?.kind == .broken && failure?.stage == .body)
    #expect(failure?.isTransient == true)
  }

  @Test("a mail that is cancelled while the server is silent ends soon, with the outcome unknown")
  func cancelledInBody() async throws {
    let address = "hang+\(UUID().uuidString.lowercased())@example.org"
    let client = try server.client(server.url)
    let sending = Task { try await client.send(try .sample(to: address)) }
    // Cancelled before it began it would never reach the server.
    while try !server.isInHand(address) { await Task.yield() }
    sending.cancel()
    let failure = await SMTPClient.failure { _ = try await sending.value }
    #expect(failure?.kind == .broken && failure?.stage == .body)
    await client.close()
  }

  @Test("a connection that ends in place of the last answer leaves the outcome unknown")
  func dropped() async throws {
    let address = "drop+\(UUID().uuidString.lowercased())@example.org"
    let failure = await failure(through: server.url, to: address)
    #expect(failure?.kind == .broken && failure?.stage == .body)
    // It did arrive: why a mail keeps its Message-ID.
    #expect(try server.mails(to: address).count == 1)
  }

  @Test(
    "what is larger than the limit is refused here, what the server finds too large by the server")
  func tooLarge() async throws {
    let text = String(repeating: "x", count: 200_000)
    let here = await failure(through: server.url, text: text) { $0.messageLimitBytes = 100_000 }
    #expect(here?.kind == .invalidMessage)
    let own = try OwnMailServer(server, arguments: ["--max-size", "100000"])
    try own.start()
    let there = await failure(through: own.url, text: text)
    #expect(there?.kind == .refused && there?.stage == .sender && there?.reply?.code == 552)
    #expect(try own.mails(to: recipient).isEmpty)
  }

  @Test("a look at the server sends nothing", arguments: ["plain", "starttls", "tls"])
  func probe(_ door: String) async throws {
    let url = ["plain": server.url, "starttls": server.startTLS, "tls": server.tls][door] ?? ""
    let client = try server.client(url) { if door == "starttls" { $0.encryption = .required } }
    try await client.probe()
    await client.close()
    let wrong = try server.client(server.tls.replacing("test-password", with: "wrong"))
    let failure = await SMTPClient.failure { try await wrong.probe() }
    #expect(failure?.kind == .notSignedIn)
    await wrong.close()
  }

  @Test("many mails at once all arrive, one after another")
  func many() async throws {
    let client = try server.client(server.url)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask { [recipient] in try await client.send(try .sample(to: recipient)) }
      }
      try await group.waitForAll()
    }
    await client.close()
    #expect(try server.mails(to: recipient).count == 20)
  }

  @Test("a server that is away is unreachable, and one that comes back is found again")
  func awayAndBack() async throws {
    let own = try OwnMailServer(server)
    let client = try server.client(own.url)
    let failure = await SMTPClient.failure { try await client.send(try .sample(to: recipient)) }
    #expect(failure?.kind == .unreachable && failure?.isTransient == true)
    try own.start()
    try await client.send(try .sample(to: recipient))
    own.kill()
    let again = await SMTPClient.failure { try await client.send(try .sample(to: recipient)) }
    #expect(again?.kind == .unreachable)
    try own.start()
    try await client.send(try .sample(to: recipient))
    #expect(try own.mails(to: recipient).count == 2)
    await client.close()
  }
}
