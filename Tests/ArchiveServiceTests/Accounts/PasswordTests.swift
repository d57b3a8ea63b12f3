// Forgotten and changed passwords.

import ArchiveCore
import ArchiveService
import Testing

@Suite(.timeLimit(.minutes(5))) struct PasswordTests {
  private func forget(_ server: TestServer, _ email: String) async throws -> Reply {
    try await server.send(
      "POST", "/api/auth/forgot-password", json: #"{"email":\#(try quoted(email))}"#)
  }

  private func reset(_ server: TestServer, _ token: String?, _ password: String = "a new password")
    async throws -> Reply
  {
    try await server.send(
      "POST", "/api/auth/reset-password",
      json: #"{"token":\#(try quoted(token ?? "")),"password":\#(try quoted(password))}"#)
  }

  private func change(
    _ server: TestServer, _ token: String, from old: String = Person.password,
    to new: String = "a new password"
  ) async throws -> Reply {
    try await server.send(
      "POST", "/api/users/me/password", token: token,
      json: #"{"currentPassword":\#(try quoted(old)),"newPassword":\#(try quoted(new))}"#)
  }

  private func status(_ server: TestServer, _ token: String) async throws -> Int {
    try await server.send("GET", "/api/users/me", token: token).status
  }

  @Test(
    "B1 a forgotten password is replaced by mail, once, and all sessions end",
    arguments: AccountEngine.allCases)
  func forgotten(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      #expect(try await forget(server, " ADA@example.org").status == 202)
      let token = try await server.letters.letter("resetPassword", to: ada.email).token
      #expect(try await reset(server, token, "short").status == 400)
      #expect(try await reset(server, token).status == 204)
      #expect(try await status(server, ada.token) == 401)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
      #expect(try await server.signIn(ada.email).status == 401)
      #expect(try await server.signIn(ada.email, "a new password").status == 200)
      #expect(try await reset(server, token, "yet another one").status == 400)
      _ = try await server.letters.letter("passwordChanged", to: ada.email)
      let audited = try await server.audited(ada.id)
      #expect(audited == ["signedUp", "passwordReset", "signInFailed", "signedIn"])
    }
  }

  @Test("B1 whoever resets a password by mail has confirmed the address")
  func resetConfirms() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      _ = try await forget(server, ada.email)
      #expect(
        try await reset(
          server, try await server.letters.letter("resetPassword", to: ada.email).token
        ).status == 204)
      let signedIn = try await server.signIn(ada.email, "a new password")
      #expect(try signedIn.json["user"]?["emailConfirmedAt"]?.text != nil)
    }
  }

  @Test(
    "B1 a link to a new password expires after an hour, and a newer letter makes older ones useless"
  )
  func links() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      _ = try await forget(server, ada.email)
      let first = try await server.letters.letter("resetPassword", to: ada.email).token
      _ = try await forget(server, ada.email)
      let second = try await server.letters.letter("resetPassword", to: ada.email, number: 2).token
      #expect(try await reset(server, first).status == 400)
      server.clock.advance(by: .seconds(3601))
      #expect(try await reset(server, second).status == 400)
      #expect(try await server.signIn(ada.email).status == 200)
    }
  }

  @Test(
    "B1 of many who show one link at once exactly one sets the password",
    arguments: AccountEngine.allCases)
  func race(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      _ = try await forget(server, ada.email)
      let token = try await server.letters.letter("resetPassword", to: ada.email).token
      let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
        for number in 0..<5 {
          group.addTask {
            try await reset(server, token, "password \(number)").status == 204 ? number : nil
          }
        }
        return try await group.reduce(into: [Int]()) { all, one in one.map { all.append($0) } }
      }
      #expect(winners.count == 1)
      for number in 0..<5 {
        let status = try await server.signIn(ada.email, "password \(number)").status
        #expect(status == (winners.contains(number) ? 200 : 401))
      }
    }
  }

  @Test("A15 a forgotten password gets the same answer for every address")
  func sameAnswer() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let known = try await forget(server, ada.email)
      let unknown = try await forget(server, "nobody@example.org")
      #expect(known.status == 202)
      #expect(unknown.status == 202)
      #expect(known.body == unknown.body)
      #expect(known.headers.keys.sorted() == unknown.headers.keys.sorted())
      #expect(try await forget(server, "no address").status == 400)
      _ = try await server.letters.letter("resetPassword", to: ada.email)
      #expect(server.letters.letters("resetPassword", to: "nobody@example.org").isEmpty)
    }
  }

  @Test(
    "B1 a changed password ends all other sessions, and not this one",
    arguments: AccountEngine.allCases)
  func changed(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let other = try await server.signIn(ada.email).json
      let otherToken = try #require(other["accessToken"]?.text)
      let otherRefresh = try #require(other["refreshToken"]?.text)
      #expect(try await status(server, otherToken) == 200)
      #expect(try await change(server, ada.token).status == 204)
      #expect(try await status(server, otherToken) == 401)
      #expect(try await server.refresh(otherRefresh).status == 401)
      #expect(try await status(server, ada.token) == 200)
      #expect(try await server.refresh(ada.refreshToken).status == 200)
      #expect(try await server.signIn(ada.email).status == 401)
      #expect(try await server.signIn(ada.email, "a new password").status == 200)
      _ = try await server.letters.letter("passwordChanged", to: ada.email)
      #expect(try await server.audited(ada.id).contains("passwordChanged"))
    }
  }

  @Test("B1 nobody changes a password without the old one")
  func wrongOldPassword() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let reply = try await change(server, ada.token, from: "a guess")
      #expect(reply.status == 400)
      #expect(try reply.json["errors"]?[0]?["field"]?.text == "currentPassword")
      let short = try await change(server, ada.token, to: "short")
      #expect(try short.json["errors"]?[0]?["field"]?.text == "newPassword")
      #expect(try await server.signIn(ada.email).status == 200)
    }
  }

  @Test("A15 guesses of the old password are slowed down as sign-ins are")
  func guessing() async throws {
    try await TestServer.run {
      $0.limits.freeSignInFailures = 3
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      var statuses: [Int] = []
      for _ in 0..<6 {
        statuses.append(try await change(server, ada.token, from: "a guess").status)
      }
      #expect(statuses.contains(429))
    }
  }

  @Test(
    "B2 a sign-in at the very moment of a password reset leaves no session with the old password")
  func signInRace() async throws {
    try await TestServer.run { (server) async throws in
      for round in 0..<8 {
        let ada = try await server.signUp("Ada\(round)")
        _ = try await forget(server, ada.email)
        let token = try await server.letters.letter("resetPassword", to: ada.email).token
        async let signedIn = server.signIn(ada.email)
        async let done = reset(server, token)
        #expect(try await done.status == 204)
        if let access = try await signedIn.json["accessToken"]?.text {
          #expect(try await status(server, access) == 401)
        }
      }
    }
  }
}
