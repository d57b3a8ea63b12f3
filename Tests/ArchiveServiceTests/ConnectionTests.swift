// Connections that misbehave, by raw bytes.

import ArchiveService
import Foundation
import Testing

@Suite struct ConnectionTests {
  private func raw(_ text: String) -> [[UInt8]] { [Array(text.utf8)] }

  @Test(
    "H06 H07 H09 a request that two servers could read differently gets 400 and the end",
    arguments: [
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n12345",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\n12345",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5 6\r\n\r\n12345",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "GET /healthz HTTP/1.1\nHost: x\n\n",
      "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: x\r\nX@y: a\r\n\r\n",
      "\u{16}\u{3}\u{1}garbage\r\n\r\n", "GET\r\n\r\n", "G ET / HTTP/1.1\r\n\r\n",
    ])
  func malformed(request: String) async throws {
    try await TestServer.run { server async throws in
      let reply = Reply(try await server.exchange(raw(request)))
      #expect(reply?.status == 400)
      #expect(reply?.headers["connection"] == "close")
      #expect(reply?.headers["content-type"] == "application/problem+json")
    }
  }

  @Test("H01 too many headers, or too large ones, get 431")
  func manyHeaders() async throws {
    try await TestServer.run { server async throws in
      let many = (0..<100_000).map { "a\($0): b\r\n" }.joined()
      let large = "X: " + String(repeating: "x", count: 100_000) + "\r\n"
      for headers in [many, large] {
        let bytes = try await server.exchange(
          raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\(headers)\r\n"))
        #expect(Reply(bytes)?.status == 431)
      }
      #expect(try await server.send("GET", "/healthz").status == 200)
    }
  }

  @Test("H04 a head that trickles is cut off at the deadline, others are not disturbed")
  func slowHead() async throws {
    try await TestServer.run {
      $0.http.headerDeadline = .seconds(1)
    } _: { server async throws in
      // It could go on for far longer than the client waits for the end.
      let head =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "x", count: 9000)
      async let slow = server.exchange(Array(head.utf8).map { [$0] }, pause: .milliseconds(50))
      #expect(try await server.send("GET", "/healthz").status == 200)
      #expect(try await slow.isEmpty)
    }
  }

  @Test("H04 a connection on which nothing is said is closed")
  func idle() async throws {
    try await TestServer.run {
      $0.http.headerDeadline = .seconds(1)
      $0.http.idleTimeout = .milliseconds(100)
    } _: { server async throws in
      #expect(try await server.exchange([]).isEmpty)
      let one = try await server.exchange(
        raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
      #expect(Reply(one)?.status == 200)
    }
  }

  @Test("H05 a body that trickles gets 408 at the deadline and the end")
  func slowBody() async throws {
    try await TestServer.run {
      $0.http.bodyDeadline = .milliseconds(150)
      $0.http.lingerDeadline = .milliseconds(50)
    } _: { server async throws in
      let head =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
      let pieces = [Array(head.utf8)] + [[UInt8]](repeating: [0x20], count: 400)
      let bytes = try await server.exchange(pieces, pause: .milliseconds(10))
      #expect(Reply(bytes)?.status == 408)
    }
  }

  @Test("H05 a body that nobody reads does not keep the connection")
  func unreadBody() async throws {
    try await TestServer.run {
      $0.http.lingerDeadline = .milliseconds(50)
    } _: { server async throws in
      let bytes = try await server.exchange(
        raw("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nabc"))
      #expect(Reply(bytes)?.status == 404)
    }
  }

  @Test(
    "H06 a request without one clear host gets 400 and the end",
    arguments: [
      "", "Host: x\r\nHost: x\r\n", "Host: x\r\nhost: y\r\n", "Host: a b\r\n", "Host: a@b\r\n",
      "Host: a/b\r\n", "Host: ж\r\n", "Host: a, b\r\n",
    ])
  func unclearHost(hosts: String) async throws {
    try await TestServer.run { server async throws in
      let reply = Reply(try await server.exchange(raw("GET /healthz HTTP/1.1\r\n\(hosts)\r\n")))
      #expect(reply?.status == 400)
      #expect(reply?.headers["connection"] == "close")
      #expect(reply?.headers["content-type"] == "application/problem+json")
    }
  }

  @Test(
    "a host may be a name, an address or nothing, and HTTP/1.0 knows none",
    arguments: ["1.1\r\nHost: a.example.org:8080", "1.1\r\nHost: [::1]:80", "1.1\r\nHost:", "1.0"])
  func goodHost(versionAndHost: String) async throws {
    try await TestServer.run { server async throws in
      let reply = Reply(
        try await server.exchange(
          raw("GET /healthz HTTP/\(versionAndHost)\r\nConnection: close\r\n\r\n")))
      #expect(reply?.status == 200)
    }
  }

  @Test("H14 a pipelined request that is refused is answered in its turn")
  func refusedInTurn() async throws {
    try await TestServer.run { server async throws in
      let get = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
      let bytes = try await server.exchange(raw(get + get + "GET /healthz HTTP/1.1\r\n\r\n" + get))
      let lines = String(decoding: bytes, as: UTF8.self).matches(of: /HTTP\/1.1 ([0-9]+)/)
      #expect(lines.map { String($0.1) } == ["200", "200", "400"])
    }
  }

  @Test("H14 pipelined requests are answered in order, and a malformed one ends them")
  func pipelined() async throws {
    try await TestServer.run { server async throws in
      let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      let bytes = try await server.exchange(
        raw(String(repeating: get, count: 20) + "BROKEN\r\n\r\n" + get))
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 21)
      #expect(text.components(separatedBy: "HTTP/1.1 400 Bad Request").count == 2)
    }
  }

  @Test("H14 after an answer that closes, a pipelined request is not carried out")
  func nothingAfterClose() async throws {
    try await TestServer.run { server async throws in
      let body = #"{"email":"late@b.c","name":"Late","password":"12345678"}"#
      let text =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
        + "POST /api/auth/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      #expect(Reply(try await server.exchange(raw(text)))?.status == 413)
      #expect(try await server.signIn("late@b.c", "12345678").status == 401)
    }
  }

  @Test("H16 connections that fall silent in the middle of a request leave the server well")
  func silent() async throws {
    try await TestServer.run {
      $0.http.headerDeadline = .seconds(1)
      $0.http.bodyDeadline = .milliseconds(50)
      $0.http.lingerDeadline = .milliseconds(10)
    } _: { server async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<100 {
          let text =
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
          group.addTask {
            _ = try await server.exchange(raw(String(text.prefix(index))))
          }
        }
        try await group.waitForAll()
      }
      #expect(try await server.send("GET", "/healthz").status == 200)
    }
  }
}
