// The pages to which the links of letters lead.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct AccountPageTests {
  private func path(_ letter: SentLetter) throws -> String {
    let parts = try #require(letter.link.flatMap { URLComponents(string: $0) })
    return "\(parts.path)?\(parts.query ?? "")"
  }

  private func submit(_ server: TestServer, _ path: String, _ form: String) async throws -> Reply {
    try await submit(server, path, bytes: Array(form.utf8))
  }

  private func submit(_ server: TestServer, _ path: String, bytes: [UInt8]) async throws -> Reply {
    let head = [
      "POST \(path) HTTP/1.1", "Host: localhost", "Connection: close",
      "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(bytes.count)",
    ].joined(separator: "\r\n")
    return try #require(
      Reply(try await server.exchange([Array((head + "\r\n\r\n").utf8) + bytes])))
  }

  @Test(
    "E14 J2 a form that is none is a 400, and the log repeats nothing of it",
    arguments: [
      "token=T&password=geheim100%", "token=T&password=geheim%zz",
      "password=geheim&password=geheim",
      "token=geheim&token=geheim", "geheim[=1", "geheim[0][1]=1&token=T", "token[]=geheim",
      "=geheim",
      "geheim", "", "&&&", "token=geheim%FF%FE&password=geheim%C3%28", "token[geheim]=1&token=1",
      "token[9]=geheim&password=long+enough",
    ])
  func hostileForms(form: String) async throws {
    try await TestServer.run { (server) async throws in
      for path in ["/confirm-email", "/reset-password"] {
        let reply = try await submit(server, path, form)
        #expect(reply.status == 400, "\(path)")
        #expect(!String(decoding: reply.body, as: UTF8.self).contains("geheim"))
        let broken = try await submit(
          server, path, bytes: Array("token=T&password=geheim".utf8) + [0xFF, 0xC0])
        #expect(broken.status == 400)
        #expect(broken.headers["content-type"] == "application/problem+json")
      }
      #expect(!server.letters.log.contains { $0.contains("geheim") }, "\(server.letters.log)")
    }
  }

  @Test("B1 opening a link of a letter does nothing; its button confirms, once")
  func confirmation() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let letter = try await server.letters.letter("confirmEmail", to: ada.email)
      let (path, token) = (try path(letter), try #require(letter.token))
      for _ in 0..<3 {
        let page = try await server.send("GET", path)
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["referrer-policy"] == "no-referrer")
        #expect(String(decoding: page.body, as: UTF8.self).contains(token))
      }
      #expect(try await submit(server, path, "token=\(token)").status == 200)
      #expect(try await submit(server, path, "token=\(token)").status == 400)
      let own = try await server.send("GET", "/api/users/me", token: ada.token)
      #expect(try own.json["emailConfirmedAt"]?.text != nil)
    }
  }

  @Test("B1 the page of a forgotten password sets a new one, with any characters in it")
  func reset() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      _ = try await server.send(
        "POST", "/api/auth/forgot-password", json: #"{"email":"\#(ada.email)"}"#)
      let letter = try await server.letters.letter("resetPassword", to: ada.email)
      let (path, token) = (try path(letter), try #require(letter.token))
      let page = try await server.send(
        "GET", path, headers: ["Accept-Language: ru"])
      #expect(String(decoding: page.body, as: UTF8.self).contains("Новый пароль"))
      let weak = try await submit(server, path, "token=\(token)&password=short")
      #expect(weak.status == 400)
      #expect(String(decoding: weak.body, as: UTF8.self).contains(token), "one may try again")
      let form = "token=\(token)&password=a+b%2Bc%26d%3D%C3%A9"
      #expect(try await submit(server, path, form).status == 200)
      #expect(try await server.signIn(ada.email, "a b+c&d=é").status == 200)
    }
  }

  @Test(
    "H12 what is no token is not shown in a page",
    arguments: [
      "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "", "x", "%00",
      "A" + String(repeating: "%3C", count: 42),
    ])
  func hostile(token: String) async throws {
    try await TestServer.run { (server) async throws in
      for path in ["/confirm-email", "/reset-password"] {
        let page = try await server.send("GET", "\(path)?token=\(token)")
        #expect(page.status == 400)
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(!text.contains("<form") && !text.contains("script>"))
        let posted = try await submit(server, path, "token=\(token)&password=long+enough")
        #expect(posted.status == 400)
        #expect(!String(decoding: posted.body, as: UTF8.self).contains("script>"))
      }
      #expect(try await submit(server, "/confirm-email", "%%%").status == 400)
      #expect(
        try await submit(server, "/confirm-email", String(repeating: "a", count: 9000)).status
          == 413)
      #expect(
        try await server.send("POST", "/confirm-email", json: #"{"token":"x"}"#).status == 415)
    }
  }
}
