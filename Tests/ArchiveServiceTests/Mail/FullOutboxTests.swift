// What protects an account happens also where no letter can be written.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(5))) struct FullOutboxTests {
  @Test(
    "J3 where the outbox is full a notice is left out, counted, and told once; a link is refused")
  func notice() async throws {
    try await OutboxFixture.run {
      $0.queueLimit = 0
    } _: { fixture async throws in
      let log = SentLetters()
      let outbox = fixture.outbox(
        ScriptedCarrier(), logger: Logger(label: "test", factory: { _ in log.handler }))
      for _ in 0..<3 {
        #expect(
          try outbox.notice(.passwordChanged, to: OutboxFixture.ada, in: .en).isEmpty)
      }
      #expect(outbox.measurements.leftOut == 3)
      #expect(log.log.filter { $0.contains("notices") }.count == 1)
      #expect(throws: StoreError.self) {
        try outbox.step(.resetPassword(link: "x"), to: OutboxFixture.ada, in: .en)
      }
    }
    try await OutboxFixture.run { fixture async throws in
      let outbox = fixture.outbox(ScriptedCarrier())
      #expect(try outbox.notice(.passwordChanged, to: OutboxFixture.ada, in: .en).count == 1)
      #expect(outbox.measurements.leftOut == 0)
    }
  }

  @Test("B1 B2 a full outbox keeps nobody from changing a password, and no stolen session alive")
  func securityActs() async throws {
    try await TestServer.run {
      $0.mail.queueLimit = 0
    } _: { (server) async throws in
      let ada = try await server.person("Ada", .customer)
      let asked = try await server.send(
        "POST", "/api/auth/forgot-password", json: #"{"email":"\#(ada.email)"}"#)
      #expect(asked.status == 503, "a letter with a link is written, or the act fails")
      // A refresh token that is shown twice.
      #expect(try await server.refresh(ada.refreshToken).status == 200)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
      #expect(try await server.audited(ada.id).last == "refreshReused")
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
      let again = try await server.signedIn(ada.id, ada.email)
      let change = #"{"currentPassword":"\#(Person.password)","newPassword":"a new password"}"#
      let changed = try await server.send(
        "POST", "/api/users/me/password", token: again.token, json: change)
      #expect(changed.status == 204)
      // A letter that went out before the outbox was full.
      let (token, text) = MailedToken.make(
        .resetPassword, for: try #require(UserID(ada.id)), emailKey: User.emailKey(ada.email),
        lifetime: .seconds(60), surroundings: server.clock.surroundings)
      try await Collection(MailedToken.self, in: server.documents).insert(token)
      let reset = try await server.send(
        "POST", "/api/auth/reset-password",
        json: #"{"token":"\#(text)","password":"\#(Person.password)"}"#)
      #expect(reset.status == 204)
      let last = try await server.signedIn(ada.id, ada.email)
      let off = try await server.send(
        "POST", "/api/users/me/deactivation", token: last.token,
        json: #"{"password":"\#(Person.password)"}"#)
      #expect(off.status == 204)
      #expect(try await server.stored("outbox").isEmpty)
    }
  }
}
