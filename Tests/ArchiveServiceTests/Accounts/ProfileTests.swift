// Profiles, and accounts that go out of use.

import ArchiveCore
import ArchiveService
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProfileTests {
  private func patch(_ server: TestServer, _ token: String, _ json: String) async throws -> Reply {
    try await server.send("PATCH", "/api/users/me", token: token, json: json)
  }

  @Test(
    "B4 a profile is changed field by field, and null removes", arguments: AccountEngine.allCases)
  func change(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let file = try await server.uploaded("me.png", SampleFile.png(9, 9), as: ada)
      let full = try await patch(
        server, ada.token,
        """
        {"name":" Ada  Лавлейс ","language":"ru","phone":"+7 (900) 123-45-67","birthDate":"1815-12-10",
        "avatarFileId":"\(file)","settings":{"theme":"dark","sound":true,"size":3}}
        """.replacing("1815", with: "1915"))
      #expect(full.status == 200)
      let json = try full.json
      #expect(json["name"]?.text == "Ada Лавлейс")
      #expect(json["language"]?.text == "ru")
      #expect(json["phone"]?.text == "+79001234567")
      #expect(json["birthDate"]?.text == "1915-12-10")
      #expect(json["avatarFileId"]?.text == file)
      #expect(json["settings"]?["theme"]?.text == "dark")
      #expect(json["settings"]?["sound"] == .bool(true))
      #expect(json["settings"]?["size"]?.number == 3)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).json == json)
      let less = try await patch(
        server, ada.token, #"{"phone":null,"avatarFileId":null,"settings":{"theme":null,"size":4}}"#
      )
      let after = try less.json
      #expect(after["phone"] == nil)
      #expect(after["avatarFileId"] == nil)
      #expect(after["birthDate"]?.text == "1915-12-10")
      #expect(after["settings"]?.names == ["sound", "size"])
      #expect(try await patch(server, ada.token, "{}").json == after)
    }
  }

  @Test(
    "B4 two who change different fields at once both succeed", arguments: AccountEngine.allCases)
  func concurrent(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            let reply = try await patch(
              server, ada.token, #"{"settings":{"key\#(number)":\#(number)}}"#)
            #expect(reply.status == 200)
          }
        }
        try await group.waitForAll()
      }
      let own = try await server.send("GET", "/api/users/me", token: ada.token)
      #expect(try own.json["settings"]?.names.count == 8)
    }
  }

  @Test(
    "B4 what cannot be in a profile is refused with the field's name",
    arguments: [
      (#"{"name":"  "}"#, "name"), (#"{"name":"Аdmin"}"#, "name"), (#"{"name":5}"#, "name"),
      (#"{"phone":"12"}"#, "phone"), (#"{"phone":"+7 900 call me"}"#, "phone"),
      (#"{"phone":"1234567890123456"}"#, "phone"), (#"{"phone":"12345+6"}"#, "phone"),
      (#"{"phone":"\u0661\u0662\u0663\u0664\u0665\u0666"}"#, "phone"),
      (#"{"birthDate":"1899-12-31"}"#, "birthDate"), (#"{"birthDate":"2001-02-29"}"#, "birthDate"),
      (#"{"birthDate":"9999-01-01"}"#, "birthDate"), (#"{"birthDate":"1.1.2001"}"#, "birthDate"),
      (#"{"birthDate":"2001-1-1"}"#, "birthDate"), (#"{"avatarFileId":"../x"}"#, "avatarFileId"),
      (#"{"avatarFileId":{"$ne":1}}"#, "avatarFileId"), (#"{"language":"xx"}"#, "language"),
      (#"{"settings":{"a.b":1}}"#, "settings"), (#"{"settings":{"$set":1}}"#, "settings"),
      (#"{"settings":{"":1}}"#, "settings"), (#"{"settings":{"a":[1]}}"#, "settings.a"),
      (#"{"settings":{"a":1.5}}"#, "settings.a"), (#"{"settings":{"a":{"b":1}}}"#, "settings.a"),
      (#"{"settings":[]}"#, "settings"),
    ])
  func refused(json: String, field: String) async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let reply = try await patch(server, ada.token, json)
      #expect(reply.status == 400)
      #expect(try reply.json["errors"]?[0]?["field"]?.text == field)
    }
  }

  @Test("B4 settings are few and small")
  func settingsLimits() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      func settings(_ count: Int, from first: Int = 0) -> String {
        let pairs = (first..<first + count).map {
          "\"key\($0)\":\"\(String(repeating: "x", count: 256))\""
        }
        return #"{"settings":{\#(pairs.joined(separator: ","))}}"#
      }
      #expect(try await patch(server, ada.token, settings(64)).status == 200)
      #expect(try await patch(server, ada.token, settings(1, from: 64)).status == 400)
      #expect(try await patch(server, ada.token, settings(1)).status == 200)
      #expect(
        try await patch(server, ada.token, #"{"settings":{"key1":null,"other":1}}"#).status == 200)
      let long = String(repeating: "x", count: 257)
      #expect(
        try await patch(server, ada.token, #"{"settings":{"key2":"\#(long)"}}"#).status == 400)
    }
  }

  @Test("A14 nobody changes by a profile what is not in one")
  func massAssignment() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let before = try await server.stored("users")[0]
      let reply = try await patch(
        server, ada.token,
        """
        {"role":"admin","email":"x@y.z","emailKey":"x@y.z","id":"x","_id":"x","passwordHash":"x",
        "emailConfirmedAt":"2020-01-01T00:00:00.000Z","deactivatedAt":null,"sessionEra":0}
        """)
      #expect(reply.status == 200)
      var after = try await server.stored("users")[0]
      after.fields["unsaved"] = before["unsaved"]
      #expect(after == before)
    }
  }

  @Test("B4 others see name and picture, and no more")
  func publicProfile() async throws {
    try await TestServer.run { (server) async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let file = try await server.uploaded("me.png", SampleFile.png(9, 9), as: ada)
      _ = try await patch(
        server, ada.token, #"{"phone":"12345","avatarFileId":"\#(file)","settings":{"a":1}}"#)
      let seen = try await server.send("GET", "/api/users/\(ada.id)", token: bob.token)
      #expect(try seen.json.names == ["id", "name", "avatarFileId"])
    }
  }

  @Test(
    "B4 an account out of use cannot be signed in to, and its sessions are over",
    arguments: AccountEngine.allCases)
  func deactivation(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let ada = try await server.signUp("Ada")
      let path = "/api/users/me/deactivation"
      let wrong = try await server.send(
        "POST", path, token: ada.token, json: #"{"password":"a guess"}"#)
      #expect(wrong.status == 400)
      let done = try await server.send(
        "POST", path, token: ada.token, json: #"{"password":"\#(Person.password)"}"#)
      #expect(done.status == 204)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
      #expect(try await server.refresh(ada.refreshToken).status == 401)
      #expect(try await server.signIn(ada.email).status == 403)
      #expect(try await server.signIn(ada.email, "a guess").status == 401)
      _ = try await server.letters.letter("accountDeactivated", to: ada.email)
      let forgotten = try await server.send(
        "POST", "/api/auth/forgot-password", json: #"{"email":"\#(ada.email)"}"#)
      #expect(forgotten.status == 202)
      let again = try await server.send(
        "POST", "/api/auth/signup",
        json: #"{"email":"\#(ada.email)","name":"A","password":"long enough"}"#)
      #expect(again.status == 409)
      #expect(server.letters.letters("resetPassword", to: ada.email).isEmpty)
    }
  }
}
