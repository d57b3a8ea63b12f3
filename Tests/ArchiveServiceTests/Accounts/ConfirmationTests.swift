// Letters of confirmation, and what their links do.

import ArchiveCore
import ArchiveService
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConfirmationTests {
  private func confirm(_ server: TestServer, _ token: String) async throws -> Reply {
    try await server.send(
      "POST", "/api/auth/confirm-email", json: #"{"token":\#(try quoted(token))}"#)
  }

  @Test(
    "B1 a sign-up is followed by a letter whose link confirms the address once",
    arguments: AccountEngine.allCases)
  func confirmation(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) {
      $0.http.publicURL = "https://chat.example.org/"
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let before = try await server.send("GET", "/api/users/me", token: ada.token)
      #expect(try before.json["emailConfirmedAt"] == nil)
      let letter = try await server.letters.letter("confirmEmail", to: ada.email)
      #expect(letter.link?.hasPrefix("https://chat.example.org/confirm-email?token=") == true)
      let token = try #require(letter.token)
      #expect(try await confirm(server, token).status == 204)
      let after = try await server.send("GET", "/api/users/me", token: ada.token)
      #expect(try after.json["emailConfirmedAt"]?.text != nil)
      let again = try await confirm(server, token)
      #expect(again.status == 400)
      #expect(try again.json["errors"]?[0]?["field"]?.text == "token")
      #expect(try await server.audited(ada.id) == ["signedUp", "emailConfirmed"])
    }
  }

  @Test(
    "B1 of many who show one token at once exactly one succeeds", arguments: AccountEngine.allCases)
  func race(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let token = try #require(
        try await server.letters.letter("confirmEmail", to: ada.email).token)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 { group.addTask { try await confirm(server, token).status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 204 }.count == 1)
      #expect(statuses.filter { $0 == 400 }.count == 5)
    }
  }

  @Test("B1 a link that has expired confirms nothing, and a new letter does")
  func expiry() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let token = try #require(
        try await server.letters.letter("confirmEmail", to: ada.email).token)
      server.clock.advance(by: server.settings.auth.confirmationLifetime + .seconds(1))
      #expect(try await confirm(server, token).status == 400)
      let signedIn = try await server.signIn(ada.email)
      let access = try #require(try signedIn.json["accessToken"]?.text)
      let resend = try await server.send("POST", "/api/users/me/confirmation", token: access)
      #expect(resend.status == 202)
      let second = try await server.letters.letter("confirmEmail", to: ada.email, number: 2)
      #expect(second.token != token)
      #expect(try await confirm(server, try #require(second.token)).status == 204)
      #expect(
        try await server.send("POST", "/api/users/me/confirmation", token: access).status == 409)
    }
  }

  @Test("A08 a token of a letter is good for its own purpose only")
  func otherPurpose() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let token = try #require(
        try await server.letters.letter("confirmEmail", to: ada.email).token)
      let reset = try await server.send(
        "POST", "/api/auth/reset-password",
        json: #"{"token":"\#(token)","password":"another password"}"#)
      #expect(reset.status == 400)
      #expect(try await server.send("GET", "/api/users/me", token: token).status == 401)
      #expect(try await server.refresh(token).status == 401)
      for other in [ada.token, ada.refreshToken, "", "x", String(repeating: "A", count: 43)] {
        #expect(try await confirm(server, other).status == 400)
      }
    }
  }

  @Test("B1 a database tells no token that was mailed", arguments: AccountEngine.allCases)
  func hashedAtRest(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      _ = try await server.send(
        "POST", "/api/auth/forgot-password", json: #"{"email":"ada@example.org"}"#)
      let confirmation = try #require(
        try await server.letters.letter("confirmEmail", to: ada.email).token)
      let reset = try #require(
        try await server.letters.letter("resetPassword", to: ada.email).token)
      for collection in ArchiveService.schemas.map(\.name) {
        let text = "\(try await server.stored(collection))"
        for secret in [confirmation, reset, ada.refreshToken, ada.token] {
          #expect(!text.contains(secret), "\(collection)")
        }
      }
      #expect(try await server.stored("mailedTokens").count == 2)
    }
  }

  @Test("B1 letters are written in the language of the account, or the one the browser asks for")
  func language() async throws {
    try await TestServer.run { (server) async throws in
      func language(_ email: String, _ more: String, _ headers: [String]) async throws -> String? {
        let reply = try await server.send(
          "POST", "/api/auth/signup",
          json: #"{"email":"\#(email)","name":"A","password":"long enough"\#(more)}"#,
          headers: headers)
        return try reply.json["user"]?["language"]?.text
      }
      #expect(try await language("a@b.c", "", []) == "en")
      #expect(try await language("b@b.c", #","language":"ru""#, []) == "ru")
      #expect(
        try await language("c@b.c", "", ["Accept-Language: de, ru-RU;q=0.8, en;q=0.7"]) == "ru")
      #expect(try await language("d@b.c", "", ["Accept-Language: ru;q=0, *"]) == "en")
      #expect(
        try await language("e@b.c", #","language":"en""#, ["Accept-Language: ru"]) == "en")
      let refused = try await server.send(
        "POST", "/api/auth/signup",
        json: #"{"email":"f@b.c","name":"A","password":"long enough","language":"xx"}"#)
      #expect(refused.status == 400)
    }
  }
}
