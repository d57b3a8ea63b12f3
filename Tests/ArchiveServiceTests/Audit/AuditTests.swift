// The audit log tells what happened, to admins, and nobody changes it.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@testable import ArchiveService

@Suite struct AuditTests {
  private static func list(_ query: String, as person: Person, at server: TestServer) async throws
    -> [JSONNode]
  {
    try await server.ask("GET", "/api/admin/audit?\(query)", as: person)["items"]?.list ?? []
  }

  @Test("A7 signing in, failing to and signing out are in the log, with address and program")
  func signIns() async throws {
    try await TestServer.run { server in
      let admin = try await server.person("Admin", .admin)
      let user = try await server.person("User", .customer)
      _ = try await server.send(
        "POST", "/api/auth/login",
        json: #"{"email":"user@example.org","password":"wrong password","device":"Phone"}"#,
        headers: ["User-Agent": "curl/8"].map { "\($0.key): \($0.value)" })
      _ = try await server.signIn("nobody@example.org", "secret of somebody")
      try await server.ask("POST", "/api/auth/logout", as: user, expecting: 204)
      let entries = try await Self.list("limit=200", as: admin, at: server)
      let kinds = entries.map { $0["kind"]?.text ?? "" }
      #expect(kinds.contains("signedIn"))
      #expect(kinds.contains("signedOut"))
      #expect(kinds.filter { $0 == "signInFailed" }.count == 2)
      let failed = entries.filter { $0["kind"]?.text == "signInFailed" }
      #expect(failed.allSatisfy { $0["address"]?.text == "127.0.0.1" })
      #expect(failed.contains { $0["subjectId"]?.text == user.id && $0["device"]?.text == "Phone" })
      // Neither passwords nor what was typed in place of an address.
      let all = "\(entries)"
      #expect(!all.contains("wrong password") && !all.contains("secret of somebody"))
      #expect(!all.contains("nobody@example.org"))
      #expect(
        entries.map { $0["id"]?.text ?? "" } == entries.map { $0["id"]?.text ?? "" }.sorted(by: >))
    }
  }

  @Test("A7 the log is asked by kind, actor, subject, conversation and time")
  func filters() async throws {
    try await TestServer.run { server in
      let admin = try await server.person("Admin", .admin)
      let log = Self.log(of: server)
      let (one, other) = (UserID(ULID(high: 1, low: 1)), UserID(ULID(high: 1, low: 2)))
      let talk = ConversationID(ULID(high: 2, low: 2))
      let start = server.clock.surroundings.now()
      try await log.note(
        AuditEvent(.roleChanged, actor: one, subject: other, detail: ["role": "agent"]))
      server.clock.advance(by: .seconds(10))
      try await log.note(AuditEvent(.conversationRead, actor: other, conversation: talk))
      server.clock.advance(by: .seconds(10))
      try await log.note(AuditEvent(.userDeactivated, actor: one, subject: one))
      func kinds(_ query: String) async throws -> [String?] {
        let mine = "from=\(start)"
        return try await Self.list("\(mine)&\(query)", as: admin, at: server).map {
          $0["kind"]?.text
        }
      }
      #expect(
        try await kinds("limit=10") == ["userDeactivated", "conversationRead", "roleChanged"])
      #expect(try await kinds("actor=\(one)") == ["userDeactivated", "roleChanged"])
      #expect(try await kinds("subject=\(other)") == ["roleChanged"])
      #expect(try await kinds("conversation=\(talk)") == ["conversationRead"])
      #expect(
        try await kinds("kind=roleChanged,conversationRead") == ["conversationRead", "roleChanged"])
      #expect(try await kinds("kind=userDeactivated&actor=\(other)") == [])
      #expect(
        try await kinds("before=\(start.advanced(by: .seconds(15)))") == [
          "conversationRead", "roleChanged",
        ])
      let middle =
        "from=\(start.advanced(by: .seconds(5)))&before=\(start.advanced(by: .seconds(15)))"
      let found = try await Self.list(middle, as: admin, at: server)
      #expect(found.map { $0["kind"]?.text } == ["conversationRead"])
    }
  }

  @Test("A7 pages by cursor hold every entry once, newest first, while others are written")
  func pages() async throws {
    try await TestServer.run { server in
      let admin = try await server.person("Admin", .admin)
      let log = Self.log(of: server)
      for number in 0..<25 {
        try await log.note(AuditEvent(.conversationRead, detail: ["number": "\(number)"]))
        server.clock.advance(by: .milliseconds(2))
      }
      var (seen, cursor): ([String], String?) = ([], nil)
      repeat {
        let query = "kind=conversationRead&limit=10" + (cursor.map { "&cursor=\($0)" } ?? "")
        let page = try await server.ask("GET", "/api/admin/audit?\(query)", as: admin)
        seen += page["items"]?.list.compactMap { $0["detail"]?["number"]?.text } ?? []
        cursor = page["next"]?.text
        try await log.note(AuditEvent(.conversationRead, detail: ["number": "new"]))
      } while cursor != nil && seen.count < 100
      #expect(seen == (0..<25).reversed().map(String.init))
    }
  }

  @Test("A7 the export has every entry on a line of its own, oldest first, and is an entry itself")
  func export() async throws {
    try await TestServer.run { server in
      let admin = try await server.person("Admin", .admin)
      let log = Self.log(of: server)
      for number in 0..<1203 {
        try await log.note(
          AuditEvent(.conversationRead, detail: ["number": "\(number)", "text": "a\nb"]))
        if number % 5 == 0 { server.clock.advance(by: .milliseconds(1)) }
      }
      server.clock.advance(by: .seconds(1))
      let reply = try await server.send(
        "GET", "/api/admin/audit/export?kind=conversationRead", token: admin.token)
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "application/jsonl")
      #expect(reply.headers["content-disposition"]?.hasPrefix("attachment") == true)
      let lines = String(decoding: try reply.wholeBody, as: UTF8.self).split(separator: "\n")
      #expect(lines.count == 1203)
      let ids = try lines.map {
        try JSONDecoder().decode(JSONNode.self, from: Data($0.utf8))["id"]?.text ?? ""
      }
      #expect(ids == ids.sorted() && Set(ids).count == 1203)
      let exported = try await Self.list("kind=auditExported", as: admin, at: server)
      #expect(exported.map { $0["actorId"]?.text } == [admin.id])
      let head = try await server.send("HEAD", "/api/admin/audit/export", token: admin.token)
      #expect(head.status == 200)
      #expect(try await Self.list("kind=auditExported", as: admin, at: server).count == 1)
    }
  }

  @Test("A7 A19 an export ends in the middle for who is no admin any more")
  func exportOfFormerAdmin() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) { server in
      let admin = try await server.person("Admin", .admin)
      let log = Self.log(of: server)
      for number in 0..<1203 {
        try await log.note(AuditEvent(.conversationRead, detail: ["number": "\(number)"]))
      }
      server.clock.advance(by: .seconds(1))
      let inner = store.inner
      store.beforeFind { query in
        // The second page.
        guard query.collection == "audit", query.after != nil else { return }
        _ = try? await inner.update(
          Update("users", where: .id(admin.id), [.set("role", .string("agent"))]))
      }
      let reply = try await server.send(
        "GET", "/api/admin/audit/export?kind=conversationRead", token: admin.token)
      #expect(reply.status == 200)
      let lines = String(decoding: try reply.wholeBody, as: UTF8.self).split(separator: "\n")
      #expect(lines.count == 1000)
      #expect(!String(decoding: reply.body, as: UTF8.self).hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("A7 A16 only admins read it, and what is no filter is refused with the field's name")
  func refusals() async throws {
    try await TestServer.run { server in
      let admin = try await server.person("Admin", .admin)
      for role in Role.allCases where role != .admin {
        let person = try await server.person("The\(role.rawValue)", role)
        for path in ["/api/admin/audit", "/api/admin/audit/export"] {
          try await server.ask("GET", path, as: person, expecting: 403)
        }
      }
      for (query, field) in [
        ("kind=nothing", "kind"), ("kind=", "kind"), ("kind=signedIn,", "kind"),
        ("actor=me", "actor"),
        ("subject=%7B%22%24ne%22%3A1%7D", "subject"), ("from=yesterday", "from"),
        ("before=2026-13-01T00:00:00.000Z", "before"), ("cursor=x", "cursor"), ("limit=0", "limit"),
        ("kind=signedIn&kind=signedIn", "kind"), ("conversation=01", "conversation"),
      ] {
        let problem = try await server.ask(
          "GET", "/api/admin/audit?\(query)", as: admin, expecting: 400)
        #expect(problem["errors"]?[0]?["field"]?.text == field, "\(query)")
      }
      for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let reply = try await server.send(
          method, "/api/admin/audit", token: admin.token, json: "{}")
        #expect(reply.status == 405)
      }
    }
  }

  @Test("A7 every kind of entry is stored and read back as it was")
  func everyKind() throws {
    var random = SeededGenerator.fromEnvironment("AuditTests.everyKind")
    for kind in AuditKind.allCases {
      var event = AuditEvent(
        kind, from: RequestOrigin(address: IPAddress("2001:db8::1"), userAgent: "A"),
        detail: ["a": "b"])
      if random.oneIn(2) { event.actor = UserID(ULID(high: random.next(), low: random.next())) }
      if random.oneIn(2) {
        event.session = SessionID(ULID(high: random.next(), low: random.next()))
      }
      if random.oneIn(2) { event.detail = [:] }
      if random.oneIn(2) { event.address = nil }
      let entry = AuditEntry(
        id: ULID(high: random.next(), low: 1), at: Timestamp(milliseconds: 1), event: event,
        expiresAt: Timestamp(milliseconds: 2))
      let read = try AuditEntry(document: try entry.document())
      #expect(read.event == event && read.id == entry.id)
    }
  }

  private static func log(of server: TestServer) -> AuditLog {
    AuditLog(
      documents: server.documents, settings: .init(), surroundings: server.clock.surroundings)
  }
}
