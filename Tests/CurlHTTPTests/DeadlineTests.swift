// Peers that keep one waiting.

import CurlHTTP
import Testing

@Suite struct DeadlineTests {
  @Test func `S07 an address that answers no connection attempt is unreachable`() async throws {
    let deaf = DeafListener()
    defer { withExtendedLifetime(deaf) {} }
    let kind = await Self.kind(
      CurlRequest("GET", "http://127.0.0.1:\(deaf.port)/"), .short(connect: .milliseconds(200)))
    #expect(kind == .unreachable)
  }

  @Test func `S07 a TLS handshake that is never answered is unreachable`() async throws {
    let server = try await ScriptServer([.stopReading])
    let kind = await Self.kind(
      CurlRequest("GET", "https://127.0.0.1:\(server.port)/"), .short(connect: .milliseconds(200)))
    #expect(kind == .unreachable)
    try await server.stop()
  }

  @Test func `S07 a server that accepts and is silent meets the first byte's deadline`()
    async throws
  {
    let server = try await ScriptServer([.awaitHead])
    for body in [CurlBody.none, .bytes([UInt8](repeating: 1, count: 100_000))] {
      let kind = await Self.kind(
        CurlRequest("PUT", server.base, body: body), .short(firstByte: .milliseconds(200)))
      #expect(kind == .timedOut)
    }
    try await server.stop()
  }

  @Test func `S07 a body that trickles meets the deadline for stalls`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
      .trickle(String(repeating: "x", count: 1000), everyMilliseconds: 20),
    ])
    let kind = await Self.kind(
      CurlRequest("GET", server.base), .short(stall: .milliseconds(200)))
    #expect(kind == .timedOut)
    try await server.stop()
  }

  @Test func `S07 a head that trickles meets the deadline for stalls`() async throws {
    let line = "HTTP/1.1 200 OK\r\n"
    let server = try await ScriptServer([
      .awaitHead, .send(line),
      .trickle(String(repeating: "X-A: b\r\n", count: 200), everyMilliseconds: 10),
    ])
    let kind = await Self.kind(
      CurlRequest("GET", server.base), .short(stall: .milliseconds(200)))
    #expect(kind == .timedOut)
    try await server.stop()
  }

  @Test func `a server that stops reading an upload meets the deadline for stalls`() async throws {
    let server = try await ScriptServer([.awaitHead, .stopReading])
    let body = CurlBody.bytes([UInt8](repeating: 1, count: 32 << 20))
    let kind = await Self.kind(
      CurlRequest("PUT", server.base, body: body), .short(stall: .milliseconds(200)))
    #expect(kind == .timedOut)
    try await server.stop()
  }

  @Test func `the total covers an answer that never ends`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\n\r\n"),
      .trickle(String(repeating: "0123456789", count: 1000), everyMilliseconds: 1),
    ])
    let kind = await Self.kind(CurlRequest("GET", server.base), .short(total: .seconds(1)))
    #expect(kind == .timedOut)
    try await server.stop()
  }

  @Test func `the total covers the wait for a connection`() async throws {
    let server = try await ScriptServer([.awaitHead])
    var settings = CurlSettings()
    settings.connectionLimit = 1
    try await CurlClient.used(settings) { client in
      try await withThrowingTaskGroup(of: CurlError.Kind?.self) { group in
        group.addTask {
          await failureKind {
            _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 0)
          }
        }
        _ = await server.event { if case .head = $0 { true } else { false } }
        let second = CurlRequest(
          "GET", server.base, deadlines: .short(total: .milliseconds(100)))
        let kind = await failureKind { _ = try await client.fetch(second, limitBytes: 0) }
        #expect(kind == .unreachable)
        group.cancelAll()
        for try await kind in group { #expect(kind == .cancelled) }
      }
    }
    try await server.stop()
  }

  @Test func `a slow reader and a slow source are no stall`() async throws {
    let server = try await TestServer()
    // An answer that takes nearly a second.
    let pace = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\n"),
      .trickle("abcdef", everyMilliseconds: 150), .close,
    ])
    var settings = CurlSettings()
    settings.deadlines = .short(stall: .milliseconds(300))
    settings.bufferBytes = 64 << 10
    try await CurlClient.used(settings) { client in
      let response = try await client.send(CurlRequest("GET", server.base + "/zeros/30000000"))
      // Nobody reads in this time.
      let pause = CurlRequest("GET", pace.base, deadlines: CurlDeadlines())
      _ = try await client.fetch(pause, limitBytes: 6)
      let count = try await response.countBytes()
      #expect(count == 30_000_000)
      let source = ZeroSource(100_000)
      let body = CurlBody.stream(length: 100_000) {
        if source.remaining > 0 { _ = try await client.fetch(pause, limitBytes: 6) }
        return source.next()
      }
      let drained = try await client.fetch(
        CurlRequest("PUT", server.base + "/drain", body: body), limitBytes: 10)
      #expect(drained.body == Array("100000".utf8))
    }
    try await server.stop()
    try await pace.stop()
  }

  private static func kind(_ request: CurlRequest, _ deadlines: CurlDeadlines) async -> CurlError
    .Kind?
  {
    await failureKind {
      try await CurlClient.used { client in
        var request = request
        request.deadlines = deadlines
        let response = try await client.send(request)
        _ = try await response.countBytes()
      }
    }
  }
}
