// Answers that are wrong, cut, endless or lead elsewhere.

import CurlHTTP
import Testing

@Suite struct HostileAnswerTests {
  private static let ok = "HTTP/1.1 200 OK\r\n"
  private static let half = String(repeating: "x", count: 500)

  @Test(arguments: [
    ok + "Content-Length: 1000\r\n\r\n" + half,
    ok + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + half,
    ok + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + half + "\r\n",
  ])
  func `S05 a body cut at half is an error, after the bytes that came`(answer: String) async throws
  {
    let server = try await ScriptServer([.awaitHead, .send(answer), .close])
    try await CurlClient.used { client in
      let response = try await client.send(CurlRequest("GET", server.base))
      var count = 0
      let kind = await failureKind {
        while let chunk = try await response.next() { count += chunk.count }
      }
      #expect(kind == .broken)
      #expect(count == 500)
      // The end stays what it was.
      let again = await failureKind { _ = try await response.next() }
      #expect(again == .broken)
      let fetched = await failureKind {
        _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 1000)
      }
      #expect(fetched == .broken)
    }
    try await server.stop()
  }

  @Test func `S05 bytes behind the announced length never reach the caller`() async throws {
    let server = try await ScriptServer([
      .awaitHead,
      .send(Self.ok + "Content-Length: 5\r\n\r\nhello and more\r\n\r\nHTTP/1.1 200 OK\r\n"),
    ])
    try await CurlClient.used { client in
      for _ in 0..<3 {
        let answer = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 100)
        #expect(answer.body == Array("hello".utf8))
      }
    }
    try await server.stop()
  }

  @Test func `S05 a compressed body is handed over as it came`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send(Self.ok + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
    ])
    try await CurlClient.used { client in
      let answer = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 4)
      #expect(answer.body == Array("abcd".utf8))
      #expect(answer.head.header("content-encoding") == "gzip")
    }
    try await server.stop()
  }

  @Test(arguments: [
    "Content-Length: -1\r\n\r\n", "Content-Length: abc\r\n\r\n",
    "X: \(String(repeating: "y", count: 120_000))\r\n\r\n",
  ])
  func `a head that is no HTTP or too large is a bad answer`(rest: String) async throws {
    let kind = try await Self.kind([.awaitHead, .send(Self.ok + rest), .close])
    #expect(kind == .badAnswer)
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n", "hello",
  ])
  func `what does not begin like HTTP 1 is a bad answer`(text: String) async throws {
    let kind = try await Self.kind([.awaitHead, .send(text), .close])
    #expect(kind == .badAnswer)
  }

  @Test(arguments: ["X-Line: yes\r\n", "x", "HTTP/1.1 100 Continue\r\n\r\n"])
  func `an endless head is refused`(piece: String) async throws {
    let kind = try await Self.kind([.awaitHead, .send(Self.ok), .repeatForever(piece)])
    #expect(kind == .badAnswer)
  }

  @Test func `a server that closes without an answer has broken the connection`() async throws {
    let kind = try await Self.kind([.awaitHead, .close])
    #expect(kind == .broken)
  }

  @Test func `nobody listens, so the server is unreachable, and the message names no path`()
    async throws
  {
    // Bound but not listening, so that no other test gets the port meanwhile.
    let nobody = DeafListener(refuses: true)
    let port = nobody.port
    defer { withExtendedLifetime(nobody) {} }
    try await CurlClient.used { client in
      let error = await #expect(throws: CurlError.self) {
        _ = try await client.fetch(
          CurlRequest("GET", "http://127.0.0.1:\(port)/secret?signature=secret"), limitBytes: 0)
      }
      #expect(error?.kind == .unreachable)
      #expect(error?.description.contains("127.0.0.1:\(port)") == true)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test func `a name that does not exist is unreachable`() async throws {
    try await CurlClient.used { client in
      let kind = await failureKind {
        _ = try await client.fetch(CurlRequest("GET", "http://nowhere.invalid/"), limitBytes: 0)
      }
      #expect(kind == .unreachable)
    }
  }

  @Test func `S09 a redirect is handed back and the other host hears nothing`() async throws {
    let other = try await TestServer()
    let server = try await TestServer()
    try await CurlClient.used { client in
      let request = CurlRequest(
        "GET", server.base + "/redirect?" + other.base + "/x",
        headers: [CurlHeader("Authorization", "AWS4-HMAC-SHA256 secret")])
      let answer = try await client.fetch(request, limitBytes: 0)
      #expect(answer.head.status == 307)
      #expect(answer.head.header("location") == other.base + "/x")
    }
    #expect(other.sight.connections == 0)
    try await server.stop()
    try await other.stop()
  }

  @Test func `provisional heads are dropped, and folded and repeated headers kept`() async throws {
    let server = try await ScriptServer([
      .awaitHead,
      .send("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"),
      .send(Self.ok + "Set-X: a\r\nset-x:b  \r\nEmpty:\r\nContent-Length: 0\r\n\r\n"),
    ])
    try await CurlClient.used { client in
      let head = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 0).head
      #expect(
        head.headers == [
          CurlHeader("Set-X", "a"), CurlHeader("set-x", "b"), CurlHeader("Empty", ""),
          CurlHeader("Content-Length", "0"),
        ])
    }
    try await server.stop()
  }

  @Test(arguments: [
    ok + "Content-Length: 11\r\n\r\n", ok + "\r\n", ok + "Transfer-Encoding: chunked\r\n\r\nb\r\n",
  ])
  func `a body above the caller's limit is refused`(head: String) async throws {
    let server = try await ScriptServer([
      .awaitHead, .send(head + "hello world\r\n0\r\n\r\n"), .close,
    ])
    try await CurlClient.used { client in
      let kind = await failureKind {
        _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 10)
      }
      #expect(kind == .answerTooLarge)
    }
    try await server.stop()
  }

  private static func kind(_ script: [ScriptServer.Step]) async throws -> CurlError.Kind? {
    let server = try await ScriptServer(script)
    let kind = await failureKind {
      try await CurlClient.used { client in
        _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 1 << 30)
      }
    }
    try await server.stop()
    return kind
  }
}
