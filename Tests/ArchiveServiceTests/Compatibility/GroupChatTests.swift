// A client that knows nothing but the group-chat specification.

import ArchiveCore
import ArchiveService
import Testing

@Suite struct GroupChatTests {
  @Test("C1 B1 a client written to the group-chat specification signs up, talks and reads")
  func client() async throws {
    try await TestServer.run { server async throws in
      func signUp(_ name: String) async throws -> Person {
        let reply = try await server.send(
          "POST", "/auth/signup",
          json:
            #"{"email":"\#(name)@example.org","name":"\#(name)","password":"\#(Person.password)"}"#)
        try #require(reply.status == 201)
        let login = try await server.send(
          "POST", "/auth/login",
          json: #"{"email":"\#(name)@example.org","password":"\#(Person.password)"}"#)
        try #require(login.status == 200)
        let json = try login.json
        return Person(
          id: try #require(json["user"]?["id"]?.text), email: "",
          token: try #require(json["accessToken"]?.text),
          refreshToken: try #require(json["refreshToken"]?.text))
      }
      let (ada, bob) = (try await signUp("ada"), try await signUp("bob"))
      let reset = try await server.send(
        "POST", "/auth/reset-password", json: #"{"email":"ada@example.org"}"#)
      #expect(reset.status == 202)
      let chat = try await server.ask(
        "POST", "/chats", as: ada, #"{"kind":"group","title":"Tea","members":["\#(bob.id)"]}"#,
        expecting: 201)
      let id = try #require(chat["id"]?.text)
      let message = try await server.ask(
        "POST", "/messages", as: ada, #"{"chatId":"\#(id)","text":"Hello","clientId":"1"}"#,
        expecting: 201)
      #expect(message["seq"]?.number == 1)
      try await server.ask(
        "POST", "/messages", as: ada, #"{"chatId":"\#(id)","text":"Hello","clientId":"1"}"#)
      let history = try await server.ask("GET", "/messages/\(id)?limit=5", as: bob)
      #expect(history["items"]?.list.compactMap { $0["text"]?.text } == ["Hello"])
      #expect(try await server.ask("GET", "/chats/\(id)", as: bob)["title"]?.text == "Tea")
      #expect(
        try await server.ask("GET", "/chats", as: bob)["items"]?[0]?["unread"]?.number == 1)
      #expect(try await server.ask("GET", "/users/\(ada.id)", as: bob)["name"]?.text == "ada")
      try await server.ask("PUT", "/users/\(ada.id)", as: ada, #"{"name":"Ada"}"#)
      #expect(try await server.ask("GET", "/users/\(ada.id)", as: bob)["name"]?.text == "Ada")
      try await server.ask("PUT", "/users/\(ada.id)", as: bob, #"{"name":"Eve"}"#, expecting: 403)
    }
  }

  @Test("A13 these doors are closed to whom the others are")
  func closed() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob, eve) = (
        try await server.signUp("Ada"), try await server.signUp("Bob"),
        try await server.signUp("Eve")
      )
      let id = try await server.converse(ada, with: [bob])
      try await server.ask("GET", "/chats/\(id)", as: eve, expecting: 404)
      try await server.ask("GET", "/messages/\(id)", as: eve, expecting: 404)
      for chat in [id, "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        try await server.ask(
          "POST", "/messages", as: eve, #"{"chatId":"\#(chat)","text":"x"}"#, expecting: 404)
      }
      try await server.ask("POST", "/messages", as: ada, #"{"text":"x"}"#, expecting: 400)
      let reply = try await server.send("GET", "/chats")
      #expect(reply.status == 401)
    }
  }
}
