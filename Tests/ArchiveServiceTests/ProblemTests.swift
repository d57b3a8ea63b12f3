// What clients hear when something is wrong, and what every answer carries.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Foundation
import Testing

@Suite struct ProblemTests {
  @Test("I2 an error is a problem document with the id of its request")
  func problem() async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send(
        "GET", "/nothing?token=secret", headers: ["X-Request-Id: abc-1"])
      #expect(reply.status == 404)
      #expect(reply.headers["content-type"] == "application/problem+json")
      #expect(reply.headers["x-request-id"] == "abc-1")
      let json = try reply.json
      #expect(json["status"]?.number == 404)
      #expect(json["requestId"]?.text == "abc-1")
      #expect(json["title"]?.text == "Not Found")
      #expect(json["type"]?.text == "urn:chat-archive:problem:not-found")
    }
  }

  @Test(
    "H12 a request id that is not a plain word is replaced",
    arguments: ["a b", "ж", String(repeating: "x", count: 65), "a\"b", "<x>"])
  func requestID(id: String) async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("GET", "/healthz", headers: ["X-Request-Id: \(id)"])
      #expect(reply.headers["x-request-id"]?.utf8.count == 26)
    }
  }

  @Test("I2 a wrong method gets 405 and the methods there are")
  func wrongMethod() async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("DELETE", "/api/users/me")
      #expect(reply.status == 405)
      #expect(reply.headers["allow"] == "GET, HEAD, PATCH")
      #expect(
        try await server.send("PUT", "/api/conversations/x/messages/1").headers["allow"]
          == "DELETE, PATCH")
      #expect(try await server.send("DELETE", "/api/files/links").headers["allow"] == "POST")
      #expect(try await server.send("GET", "/api/files/links").headers["allow"] == "POST")
    }
  }

  @Test("I2 a body that is not JSON by its type gets 415")
  func wrongType() async throws {
    try await TestServer.run { server async throws in
      for type in ["text/plain", "application/xml", "multipart/form-data; boundary=x", "jsonx"] {
        let reply = try await server.send(
          "POST", "/api/auth/login", json: "{}", headers: ["Content-Type: \(type)"])
        #expect(reply.status == 415)
      }
      let packed = try await server.send(
        "POST", "/api/auth/login", json: "{}", headers: ["Content-Encoding: gzip"])
      #expect(packed.status == 415)
      let charset = try await server.send(
        "POST", "/api/auth/login", json: "{}",
        headers: ["Content-Type: Application/JSON; charset=utf-8"])
      #expect(charset.status == 400)
    }
  }

  @Test("H05 a body over the limit gets 413, with and without a length")
  func tooLarge() async throws {
    try await TestServer.run { server async throws in
      let big = #"{"email":""# + String(repeating: "x", count: 70_000) + #""}"#
      #expect(try await server.send("POST", "/api/auth/login", json: big).status == 413)
      let head =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      let chunk = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n"
      let bytes = try await server.exchange(
        [Array(head.utf8)] + [[UInt8]](repeating: Array(chunk.utf8), count: 64))
      #expect(Reply(bytes)?.status == 413)
    }
  }

  @Test(
    "E14 JSON that breaks parsers gets 400 and the process lives",
    arguments: [
      "", " ", "{", "nul", "[]", "\"x\"", "1e999999", "{\"email\":\"\\ud800\",\"password\":\"x\"}",
      "{\"email\":\"a\",\"email\":{},\"password\":1}", "{\"email\":-0,\"password\":1e400}",
      String(repeating: "[", count: 60_000), String(repeating: "{\"a\":", count: 12_000),
      "{\"email\":" + String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        + ",\"password\":\"x\"}", "\u{FEFF}{}", "{\"email\":\"a\u{0}\"}",
      "{\"email\":12345678901234567890123456789,\"password\":\"x\"}",
    ])
  func brokenJSON(body: String) async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("POST", "/api/auth/login", json: body)
      #expect(reply.status == 400)
      #expect(reply.headers["content-type"] == "application/problem+json")
      #expect(try await server.send("GET", "/healthz").status == 200)
    }
  }

  @Test("E14 bytes that are no UTF-8 get 400")
  func brokenUTF8() async throws {
    try await TestServer.run { server async throws in
      let body: [UInt8] =
        Array(#"{"email":""#.utf8) + [0xFF, 0xC0, 0x80] + Array(#"","password":"x"}"#.utf8)
      let head =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
      #expect(Reply(try await server.exchange([Array(head.utf8) + body]))?.status == 400)
    }
  }

  @Test("J2 a store that is down gives 503, when to come back, and none of its words")
  func storeDown() async throws {
    try await TestServer.run(documents: SwitchedStore()) { server async throws in
      let ada = try await server.signUp("Ada")
      let store = try #require(server.documents as? SwitchedStore)
      store.setDown(true)
      let reply = try await server.send("GET", "/api/conversations", token: ada.token)
      #expect(reply.status == 503)
      #expect(reply.headers["retry-after"] != nil)
      #expect(!String(decoding: reply.body, as: UTF8.self).contains("inner"))
      let ready = try await server.send("GET", "/readyz")
      #expect(ready.status == 503)
      #expect(try ready.json["checks"]?["documents"]?.text == "unavailable")
      #expect(try ready.json["checks"]?["objects"]?.text == "ok")
      #expect(try await server.send("GET", "/healthz").status == 200)
      store.setDown(false)
      #expect(try await server.send("GET", "/readyz").status == 200)
    }
  }

  @Test("H12 every answer carries the headers that keep browsers from guessing")
  func securityHeaders() async throws {
    try await TestServer.run { server async throws in
      for path in ["/healthz", "/nothing", "/openapi.json", "/docs", "/api/users/me"] {
        let reply = try await server.send("GET", path)
        #expect(reply.headers["x-content-type-options"] == "nosniff")
        #expect(reply.headers["referrer-policy"] == "no-referrer")
        #expect(reply.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(reply.headers["x-request-id"] != nil)
      }
    }
  }
}
