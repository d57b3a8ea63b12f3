// Admins have archives verified.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(5))) struct VerificationTests {
  private static let path = "/api/admin/verifications"

  /// Begins one and waits for its end.
  private func verify(_ body: String, as admin: Person, at server: TestServer) async throws
    -> JSONNode
  {
    let begun = try await server.ask("POST", Self.path, as: admin, body, expecting: 202)
    #expect(begun["state"]?.text == "waiting")
    return try await ended(try #require(begun["id"]?.text), as: admin, at: server)
  }

  private func ended(_ id: String, as admin: Person, at server: TestServer) async throws -> JSONNode
  {
    var shown = JSONNode.null
    try await eventually {
      shown = try await server.ask("GET", "\(Self.path)/\(id)", as: admin)
      return !["waiting", "running"].contains(shown["state"]?.text ?? "")
    }
    return shown
  }

  private func fill(_ server: TestServer, _ admin: Person) async throws -> [String] {
    var chats: [String] = []
    for name in ["Ada", "Ben"] {
      let person = try await server.person(name, .customer)
      let chat = try await server.converse(person, with: [admin], kind: "direct")
      try await server.post("said by \(name)", as: person, in: chat)
      try await server.log.flush(nil)
      chats.append(chat)
    }
    return chats
  }

  @Test(
    "A6 A7 an admin has one conversation or everything verified, and hears what was looked at",
    arguments: AccountEngine.allCases)
  func good(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let chats = try await fill(server, admin)
      let one = try await verify(
        #"{"conversationId":"\#(chats[0])"}"#, as: admin, at: server)
      #expect(one["state"]?.text == "done" && one["found"]?["problemCount"]?.number == 0)
      #expect(one["found"]?["conversations"]?.number == 1)
      #expect(one["total"]?.number == 1 && one["done"]?.number == 1)
      let all = try await verify("{}", as: admin, at: server)
      #expect(all["found"]?["conversations"]?.number == 2)
      #expect(all["found"]?["archivedEntries"]?.number == 2)
      #expect(all["done"]?.number == 2 && all["finishedAt"]?.text != nil)
      let listed = try await server.ask("GET", "\(Self.path)?limit=1", as: admin)
      #expect(listed["items"]?[0]?["id"] == all["id"])
      let cursor = try #require(listed["next"]?.text)
      let next = try await server.ask("GET", "\(Self.path)?limit=1&cursor=\(cursor)", as: admin)
      #expect(next["items"]?[0]?["id"] == one["id"] && next["next"] == .null)
      let events = try await server.ask("GET", "/api/admin/audit?kind=archiveVerified", as: admin)
      #expect(events["items"]?[1]?["conversationId"]?.text == chats[0])
      #expect(events["items"]?[0]?["detail"]?["verificationId"] == all["id"])
    }
  }

  @Test("A6 A7 what was altered is found, and said where")
  func damage() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let chats = try await fill(server, admin)
      let key = try #require(
        try await objects.list(prefix: "packs/", after: nil, limit: 1).first?.key)
      var bytes = try await objects.get(key, range: nil).bytes(limitBytes: 1 << 20)
      bytes[bytes.count / 2] ^= 1
      try await objects.put(key, .bytes(bytes), mode: .replace, type: "application/gzip")
      let shown = try await verify("{}", as: admin, at: server)
      #expect(shown["state"]?.text == "done")
      #expect((shown["found"]?["problemCount"]?.number ?? 0) > 0)
      let problem = shown["found"]?["problems"]?[0]
      #expect(problem?["object"]?.text == key.description)
      #expect(chats.contains(problem?["conversation"]?.text ?? ""))
    }
  }

  @Test("A7 few verifications wait, one is called off while it waits and one while it runs")
  func queue() async throws {
    let objects = FaultyObjectStore(InMemoryObjectStore())
    try await TestServer.run(objects: objects) {
      $0.archives.verificationQueueLimit = 2
      $0.archives.verificationInterval = .milliseconds(5)
    } _: { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      _ = try await fill(server, admin)
      objects.failNext(.get, .hold)
      func begin() async throws -> String {
        let begun = try await server.ask("POST", Self.path, as: admin, "{}", expecting: 202)
        return try #require(begun["id"]?.text)
      }
      func state(_ id: String) async throws -> String? {
        try await server.ask("GET", "\(Self.path)/\(id)", as: admin)["state"]?.text
      }
      let first = try await begin()
      await objects.waitUntilHeld()
      #expect(try await state(first) == "running")
      let (second, third) = (try await begin(), try await begin())
      let refused = try await server.send("POST", Self.path, token: admin.token, json: "{}")
      #expect(refused.status == 503 && refused.headers["retry-after"] != nil)
      try await server.ask("DELETE", "\(Self.path)/\(second)", as: admin, expecting: 204)
      try await server.ask("DELETE", "\(Self.path)/\(first)", as: admin, expecting: 204)
      #expect(try await state(first) == "cancelled")
      #expect(try await ended(third, as: admin, at: server)["state"]?.text == "done")
      #expect(try await state(second) == "cancelled")
      #expect(try await state(first) == "cancelled")
      // What is over stays as it is.
      try await server.ask("DELETE", "\(Self.path)/\(third)", as: admin, expecting: 204)
      #expect(try await state(third) == "done")
    }
  }

  @Test("A7 what a node left unfinished that is gone is told as interrupted")
  func interrupted() async throws {
    try await TestServer.run { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let now = server.clock.surroundings.now()
      let left = Verification(
        id: VerificationID(ULID(high: 9, low: 9)), conversationId: nil,
        startedBy: try #require(UserID(admin.id)), createdAt: now, state: .running, done: 7,
        total: 5, seenAt: now, expiresAt: now.advanced(by: .seconds(3600)))
      try await Collection(Verification.self, in: server.documents).insert(left)
      let path = "\(Self.path)/\(left.id)"
      let fresh = try await server.ask("GET", path, as: admin)
      #expect(fresh["state"]?.text == "running" && fresh["done"]?.number == 5)
      server.clock.advance(by: .seconds(31))
      #expect(try await server.ask("GET", path, as: admin)["state"]?.text == "interrupted")
    }
  }

  @Test("A7 what is no conversation is not verified, and what is no verification is 404")
  func refusals() async throws {
    try await TestServer.run { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let nowhere = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
      let wrong = try await server.ask(
        "POST", Self.path, as: admin, #"{"conversationId":"x"}"#, expecting: 400)
      #expect(wrong["errors"]?[0]?["field"]?.text == "conversationId")
      try await server.ask(
        "POST", Self.path, as: admin, #"{"conversationId":"\#(nowhere)"}"#, expecting: 404)
      for id in [nowhere, "x"] {
        try await server.ask("GET", "\(Self.path)/\(id)", as: admin, expecting: 404)
        try await server.ask("DELETE", "\(Self.path)/\(id)", as: admin, expecting: 404)
      }
      try await server.ask("GET", "\(Self.path)?cursor=x", as: admin, expecting: 400)
    }
  }
}
