// Signing up, signing in, refreshing and signing out.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Foundation
import Testing

@Suite struct AccountTests {
  @Test("B1 somebody signs up, signs in and sees the own account")
  func signUpAndIn() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let own = try await server.send("GET", "/api/users/me", token: ada.token)
      #expect(own.status == 200)
      #expect(try own.json["email"]?.text == "ada@example.org")
      #expect(try own.json["role"]?.text == "customer")
      #expect(
        try own.json.names == ["id", "email", "name", "role", "createdAt", "language", "settings"])
      let signedIn = try await server.signIn("ada@example.org")
      #expect(signedIn.status == 200)
      #expect(try signedIn.json["expiresIn"]?.number == 900)
    }
  }

  @Test("B1 an email is the same in any case and with space around it")
  func emailKey() async throws {
    try await TestServer.run { (server) async throws in
      _ = try await server.signUp("Ada")
      #expect(try await server.signIn("  ADA@Example.ORG ").status == 200)
      let again = try await server.send(
        "POST", "/api/auth/signup",
        json: #"{"email":" Ada@EXAMPLE.org","name":"Other","password":"long enough"}"#)
      #expect(again.status == 409)
    }
  }

  @Test("B1 of many sign-ups with one email at once exactly one succeeds")
  func signUpRace() async throws {
    try await TestServer.run { (server) async throws in
      let body = #"{"email":"a@b.c","name":"A","password":"long enough"}"#
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask { try await server.send("POST", "/api/auth/signup", json: body).status }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 201 }.count == 1)
      #expect(statuses.filter { $0 == 409 }.count == 7)
    }
  }

  @Test(
    "B1 a sign-up that cannot be an account is refused with the field's name",
    arguments: [
      (#"{"email":"no address","name":"A","password":"12345678"}"#, "email"),
      (#"{"email":"a@b@c","name":"A","password":"12345678"}"#, "email"),
      (#"{"email":"@b.c","name":"A","password":"12345678"}"#, "email"),
      (#"{"email":"a@b..c","name":"A","password":"12345678"}"#, "email"),
      (#"{"email":"a\r\nBcc: x@b.c","name":"A","password":"12345678"}"#, "email"),
      (#"{"email":"a@b.c","name":"  ","password":"12345678"}"#, "name"),
      (#"{"email":"a@b.c","name":"a\u0000b","password":"12345678"}"#, "name"),
      (#"{"email":"a@b.c","name":"A","password":"1234567"}"#, "password"),
      (#"{"email":"a@b.c","name":"A"}"#, "password"),
      (#"{"email":{"$ne":null},"name":"A","password":"12345678"}"#, "email"),
    ])
  func refusedSignUp(body: String, field: String) async throws {
    try await TestServer.run { (server) async throws in
      let reply = try await server.send("POST", "/api/auth/signup", json: body)
      #expect(reply.status == 400)
      #expect(reply.headers["content-type"] == "application/problem+json")
      #expect(try reply.json["errors"]?[0]?["field"]?.text == field)
    }
  }

  @Test("B1 names and emails are limited in bytes and characters")
  func limits() async throws {
    try await TestServer.run { (server) async throws in
      func status(email: String, name: String, password: String) async throws -> Int {
        try await server.send(
          "POST", "/api/auth/signup",
          json:
            #"{"email":"\#(email)","name":"\#(name)","password":"\#(password)"}"#
        ).status
      }
      let long = String(repeating: "d", count: 60) + "."
      let host = String(repeating: long, count: 3) + "example"
      #expect(try await status(email: "a@\(host)", name: "A", password: "12345678") == 201)
      #expect(try await status(email: "a@\(host)\(long)x", name: "A", password: "12345678") == 400)
      let name = String(repeating: "ж", count: 64)
      #expect(try await status(email: "b@b.c", name: name, password: "12345678") == 201)
      #expect(try await status(email: "c@b.c", name: name + "ж", password: "12345678") == 400)
      let stacked = "e" + String(repeating: "\u{301}", count: 1000)
      #expect(try await status(email: "c@b.c", name: stacked, password: "12345678") == 400)
      let password = String(repeating: "x", count: 1024)
      #expect(try await status(email: "c@b.c", name: "C", password: password + "x") == 400)
      #expect(try await status(email: "c@b.c", name: "C", password: password) == 201)
    }
  }

  @Test("A14 fields that a client may not set have no effect")
  func massAssignment() async throws {
    try await TestServer.run { (server) async throws in
      let reply = try await server.send(
        "POST", "/api/auth/signup",
        json:
          #"{"email":"a@b.c","name":"A","password":"12345678","role":"admin","id":"x","_id":"y"}"#)
      #expect(reply.status == 201)
      #expect(try reply.json["user"]?["role"]?.text == "customer")
    }
  }

  @Test("A15 an unknown email and a wrong password get the same answer")
  func sameAnswer() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let wrong = try await server.signIn(ada.email, "not the password")
      let unknown = try await server.signIn("nobody@example.org", "not the password")
      #expect(wrong.status == 401)
      #expect(unknown.status == 401)
      #expect(try wrong.json["detail"] == unknown.json["detail"])
      #expect(wrong.headers.keys.sorted() == unknown.headers.keys.sorted())
    }
  }

  @Test("A15 a password of a megabyte is refused before it is hashed")
  func hugePassword() async throws {
    try await TestServer.run { (server) async throws in
      #expect(try await server.signIn("a@b.c", String(repeating: "x", count: 1025)).status == 400)
      #expect(
        try await server.signIn("a@b.c", String(repeating: "x", count: 1 << 20)).status == 413)
    }
  }

  @Test("A15 more sign-ins at once than the queue takes get 503 and when to come back")
  func passwordQueue() async throws {
    try await TestServer.run {
      $0.auth.passwordThreads = 1
      $0.auth.passwordQueueLimit = 1
      $0.auth.passwordCost = .init(logRounds: 14)
    } _: { server async throws in
      let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
        for _ in 0..<12 { group.addTask { try await server.signIn("a@b.c") } }
        return try await group.reduce(into: [Reply]()) { $0.append($1) }
      }
      let refused = replies.filter { $0.status == 503 }
      #expect(!refused.isEmpty)
      #expect(refused.allSatisfy { $0.headers["retry-after"] != nil })
      #expect(replies.contains { $0.status == 401 })
    }
  }

  @Test(
    "A16 operator objects are refused",
    arguments: [
      #"{"email":{"$ne":null},"password":"x"}"#, #"{"email":"a@b.c","password":{"$gt":""}}"#,
      #"{"email":["a@b.c"],"password":"x"}"#, #"{"$where":"1","email":1,"password":"x"}"#,
    ])
  func operatorObjects(body: String) async throws {
    try await TestServer.run { (server) async throws in
      _ = try await server.signUp("Ada")
      #expect(try await server.send("POST", "/api/auth/login", json: body).status == 400)
    }
  }

  @Test("B2 a refresh rotates the token and the new access token works")
  func refresh() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let reply = try await server.refresh(ada.refreshToken)
      #expect(reply.status == 200)
      let new = try #require(try reply.json["refreshToken"]?.text)
      #expect(new != ada.refreshToken)
      let access = try #require(try reply.json["accessToken"]?.text)
      #expect(try await server.send("GET", "/api/users/me", token: access).status == 200)
      #expect(try await server.refresh(new).status == 200)
    }
  }

  @Test("B2 a reused refresh token ends the session")
  func reuse() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let reply = try await server.refresh(ada.refreshToken)
      let new = try #require(try reply.json["refreshToken"]?.text)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
      #expect(try await server.refresh(new).status == 401)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
    }
  }

  @Test("B2 of two refreshes at once exactly one wins")
  func refreshRace() async throws {
    try await TestServer.run { (server) async throws in
      for round in 0..<10 {
        let ada = try await server.signUp("Ada\(round)")
        async let one = server.refresh(ada.refreshToken).status
        async let other = server.refresh(ada.refreshToken).status
        #expect(try await [one, other].sorted() == [200, 401])
      }
    }
  }

  @Test(
    "B2 what is no refresh token is refused",
    arguments: ["", "x", String(repeating: "A", count: 64), String(repeating: "-", count: 5000)])
  func noRefreshToken(token: String) async throws {
    try await TestServer.run { (server) async throws in
      #expect(try await server.refresh(token).status == 401)
    }
  }

  @Test("B2 a session expires when it is not refreshed")
  func expiry() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      server.clock.advance(by: .seconds(30 * 24 * 3600 + 1))
      #expect(try await server.refresh(ada.refreshToken).status == 401)
    }
  }

  @Test("B2 after signing out neither token works")
  func signOut() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let reply = try await server.send("POST", "/api/auth/logout", token: ada.token)
      #expect(reply.status == 204)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
    }
  }

  @Test("B2 a session that another node ended is refused after the cache's few seconds")
  func sessionCache() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 200)
      try await server.documents.delete("sessions", where: .everything)
      server.clock.advance(by: .seconds(3))
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
    }
  }

  @Test("B1 others see the id and the name of a user, and nothing else")
  func publicProfile() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      let reply = try await server.send("GET", "/api/users/\(bob.id)", token: ada.token)
      #expect(reply.status == 200)
      #expect(try reply.json.names == ["id", "name"])
      for id in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "x", "..%2f", "me2"] {
        #expect(try await server.send("GET", "/api/users/\(id)", token: ada.token).status == 404)
      }
    }
  }

  @Test("B3 the command line creates users with any role, and says why not")
  func createUser() async throws {
    let store: any DocumentStore = InMemoryDocumentStore()
    try await store.prepare(ArchiveService.schemas)
    let create = CreateUser(
      documents: store, settings: TestServer.settings(), surroundings: TestClock().surroundings)
    let admin = try await create(
      email: "root@example.org", name: "Root", password: "12345678", role: .admin)
    #expect(admin.role == .admin)
    await #expect(throws: CreateUser.Refusal.self) {
      _ = try await create(
        email: "ROOT@example.org", name: "Root", password: "12345678", role: .agent)
    }
    await #expect(throws: CreateUser.Refusal.self) {
      _ = try await create(email: "x", name: "Root", password: "1", role: .agent)
    }
  }
}
