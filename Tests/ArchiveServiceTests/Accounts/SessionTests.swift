// Sessions: seeing them, ending them, and being quick about it everywhere.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SessionTests {
  private func status(_ server: TestServer, _ token: String) async throws -> Int {
    try await server.send("GET", "/api/users/me", token: token).status
  }

  /// Signs in once more.
  private func another(_ server: TestServer, _ person: Person, device: String = "phone")
    async throws -> (token: String, refresh: String)
  {
    let reply = try await server.send(
      "POST", "/api/auth/login",
      json: """
        {"email":"\(person.email)","password":"\(Person.password)","device":"\(device)"}
        """, headers: ["User-Agent: Test/1.0"])
    let json = try reply.json
    return (
      try #require(json["accessToken"]?.text), try #require(json["refreshToken"]?.text)
    )
  }

  private func sessions(_ server: TestServer, _ token: String, _ query: String = "") async throws
    -> [JSONNode]
  {
    let reply = try await server.send("GET", "/api/users/me/sessions\(query)", token: token)
    #expect(reply.status == 200)
    return try #require(try reply.json["items"]).list
  }

  @Test("B2 a user sees where the account is signed in", arguments: AccountEngine.allCases)
  func list(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let phone = try await another(server, ada)
      _ = try await server.signUp("Bob")
      let all = try await sessions(server, phone.token)
      #expect(all.count == 2)
      #expect(all[0]["device"]?.text == "phone")
      #expect(all[0]["address"]?.text == "127.0.0.1")
      #expect(all[0]["current"] == .bool(true))
      #expect(all[1]["current"] == .bool(false))
      #expect(all.allSatisfy { $0["online"] == .bool(true) })
      #expect(all[0].names.isDisjoint(with: ["refreshHash", "familyHash", "era", "userId"]))
      let first = try await server.send(
        "GET", "/api/users/me/sessions?limit=1", token: phone.token)
      let next = try #require(try first.json["next"]?.text)
      let second = try await sessions(server, phone.token, "?limit=1&cursor=\(next)")
      #expect(second.map { $0["id"] } == [all[1]["id"]])
    }
  }

  @Test("B2 a session without requests is no longer online, and says when it was last seen")
  func online() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let phone = try await another(server, ada)
      let before = try #require(try await sessions(server, phone.token)[1]["lastSeenAt"]?.text)
      server.clock.advance(by: .seconds(200))
      #expect(try await sessions(server, phone.token)[1]["online"] == .bool(false))
      #expect(try await status(server, ada.token) == 200)
      let after = try await sessions(server, phone.token)[1]
      #expect(after["online"] == .bool(true))
      #expect(try #require(after["lastSeenAt"]?.text) > before)
    }
  }

  @Test("B2 one session, or all others, can be ended", arguments: AccountEngine.allCases)
  func revoke(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let (phone, desk) = (try await another(server, ada), try await another(server, ada))
      let id = try #require(try await sessions(server, desk.token)[1]["id"]?.text)
      let path = "/api/users/me/sessions/\(id)"
      #expect(try await status(server, phone.token) == 200)
      #expect(try await server.send("DELETE", path, token: ada.token).status == 204)
      #expect(try await status(server, phone.token) == 401)
      #expect(try await server.refresh(phone.refresh).status == 401)
      #expect(try await server.send("DELETE", path, token: ada.token).status == 404)
      let others = try await server.send(
        "DELETE", "/api/users/me/sessions", token: desk.token)
      #expect(others.status == 204)
      #expect(try await status(server, ada.token) == 401)
      #expect(try await status(server, desk.token) == 200)
      #expect(try await sessions(server, desk.token).count == 1)
      let audited = try await server.audited(ada.id)
      #expect(audited == ["signedUp", "signedIn", "signedIn", "sessionRevoked", "sessionRevoked"])
    }
  }

  @Test("A13 nobody ends the session of somebody else, or learns that there is one")
  func foreign() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      let id = try #require(try await sessions(server, bob.token)[0]["id"]?.text)
      for id in [id, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x", "%2e%2e"] {
        let reply = try await server.send(
          "DELETE", "/api/users/me/sessions/\(id)", token: ada.token)
        #expect(reply.status == 404)
      }
      #expect(try await status(server, bob.token) == 200)
    }
  }

  @Test("A19 a session that ends on one node is over on all, before what they remember is too old")
  func twoNodes() async throws {
    try await TestServer.runTwo {
      // So that only hearing of it can be the reason.
      $0.auth.sessionCacheLifetime = .seconds(3600)
    } _: { one, other in
      let ada = try await one.signUp("Ada")
      let phone = try await another(one, ada)
      #expect(try await status(other, phone.token) == 200)
      #expect(try await status(other, ada.token) == 200)
      let ended = try await one.send("DELETE", "/api/users/me/sessions", token: ada.token)
      #expect(ended.status == 204)
      #expect(try await status(one, phone.token) == 401)
      while try await status(other, phone.token) == 200 { await Task.yield() }
      #expect(try await status(other, phone.token) == 401)
      #expect(try await status(other, ada.token) == 200)
    }
  }

  @Test("A19 a role that changes on one node counts on all")
  func roleOnTwoNodes() async throws {
    try await TestServer.runTwo {
      $0.auth.sessionCacheLifetime = .seconds(3600)
    } _: { one, other in
      let ada = try await one.signUp("Ada")
      #expect(try await other.send("GET", "/api/admin/users", token: ada.token).status == 403)
      try await one.documents.update(
        Update("users", where: .id(ada.id), [.set("role", .string("admin"))]))
      while try await other.send("GET", "/api/admin/users", token: ada.token).status == 403 {
        await Task.yield()
      }
      #expect(try await other.send("GET", "/api/admin/users", token: ada.token).status == 200)
    }
  }

  @Test("A19 a node that hears nothing refuses an ended session after a second all the same")
  func deafNode() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      #expect(try await status(server, ada.token) == 200)
      // In memory, and not shared: nobody tells the server.
      try await server.documents.update(
        Update("sessions", where: .everything, [.set("endedAt", .time(Timestamp(milliseconds: 1)))])
      )
      server.clock.advance(by: .seconds(1))
      #expect(try await status(server, ada.token) == 401)
    }
  }

  @Test(
    "B2 any refresh token of the past ends the session, is audited, and its owner is told",
    arguments: AccountEngine.allCases)
  func reuse(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      var newest = ada.refreshToken
      for _ in 0..<4 {
        newest = try #require(try await server.refresh(newest).json["refreshToken"]?.text)
      }
      #expect(try await server.refresh(ada.refreshToken).status == 401)
      #expect(try await server.refresh(newest).status == 401)
      #expect(try await status(server, ada.token) == 401)
      _ = try await server.letters.letter("sessionEndedByReuse", to: ada.email)
      #expect(try await server.audited(ada.id) == ["signedUp", "refreshReused"])
    }
  }

  @Test("B2 a used refresh token that is shown several times at once is audited and told once")
  func reuseAtOnce() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) { (server) async throws in
      let ada = try await server.signUp("Ada")
      #expect(try await server.refresh(ada.refreshToken).status == 200)
      let meeting = Meeting(of: 5)
      store.beforeTransact { steps in
        if steps.first?.changed == "sessions", steps.contains(where: { $0.changed == "audit" }) {
          await meeting.join()
        }
      }
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<5 { group.addTask { try await server.refresh(ada.refreshToken).status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 401, count: 5))
      #expect(try await server.audited(ada.id) == ["signedUp", "refreshReused"])
      _ = try await server.letters.letter("sessionEndedByReuse", to: ada.email)
      while try await !server.stored("outbox").isEmpty { await Task.yield() }
      #expect(server.letters.letters("sessionEndedByReuse", to: ada.email).count == 1)
    }
  }

  @Test("B2 a made-up refresh token of a session ends nothing")
  func madeUp() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      // The session's id from one token, all else from another.
      let mixed = ada.refreshToken.prefix(21) + bob.refreshToken.dropFirst(21)
      #expect(try await server.refresh(String(mixed)).status == 401)
      #expect(try await server.refresh(ada.refreshToken).status == 200)
      #expect(try await server.refresh(bob.refreshToken).status == 200)
    }
  }

  @Test("B2 the oldest session ends where there are too many")
  func sessionLimit() async throws {
    try await TestServer.run {
      $0.auth.sessionLimit = 3
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      var tokens = [ada.token]
      for _ in 0..<4 { tokens.append(try await another(server, ada).token) }
      var statuses: [Int] = []
      for token in tokens { statuses.append(try await status(server, token)) }
      #expect(statuses == [401, 401, 200, 200, 200])
    }
  }

  @Test("B2 a session of another era is none, whatever else its document says")
  func era() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      try await server.documents.update(
        Update("users", where: .id(ada.id), [.increment("sessionEra", 1)]))
      server.clock.advance(by: .seconds(2))
      #expect(try await status(server, ada.token) == 401)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
    }
  }
}
