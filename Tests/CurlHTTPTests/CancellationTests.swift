// Breaking off: by cancelling, by letting go, by closing.

import CurlHTTP
import Testing

@Suite struct CancellationTests {
  /// How far the server goes before the task is cancelled.
  static let phases: [(script: [ScriptServer.Step], reached: String)] = [
    ([], "connected"), ([.awaitHead], "head"),
    ([.awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")], "head"),
  ]

  @Test(arguments: phases.indices)
  func `a cancelled request ends at once and closes its connection`(phase: Int) async throws {
    let (script, reached) = Self.phases[phase]
    let server = try await ScriptServer(script)
    try await CurlClient.used { client in
      let kind = await withTaskGroup(of: CurlError.Kind?.self) { group in
        group.addTask {
          await failureKind {
            _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 999)
          }
        }
        _ = await server.event {
          if case .head = $0 {
            reached == "head"
          } else {
            reached == "connected" && $0 == .connected
          }
        }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(kind == .cancelled)
      let closed = await server.event { $0 == .closed }
      #expect(closed == .closed)
    }
    try await server.stop()
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let kind = await withTaskGroup(of: CurlError.Kind?.self) { group in
        group.cancelAll()
        group.addTask {
          await failureKind { _ = try await client.send(CurlRequest("GET", server.base)) }
        }
        return await group.next() ?? nil
      }
      #expect(kind == .cancelled)
      _ = try await client.fetch(CurlRequest("GET", server.base + "/echo"), limitBytes: 1000)
      #expect(server.sight.requests.count == 1)
    }
    try await server.stop()
  }

  @Test func `a cancelled upload cancels its source and closes its connection`() async throws {
    let server = try await ScriptServer([.awaitHead])
    try await CurlClient.used { client in
      let (never, _) = AsyncStream.makeStream(of: [UInt8].self)
      let kind = await withTaskGroup(of: CurlError.Kind?.self) { group in
        group.addTask {
          let body = CurlBody.stream(length: 10) {
            for await bytes in never { return bytes }
            throw CancellationError()
          }
          return await failureKind {
            _ = try await client.send(CurlRequest("PUT", server.base, body: body))
          }
        }
        _ = await server.event { if case .head = $0 { true } else { false } }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(kind == .cancelled)
      let closed = await server.event { $0 == .closed }
      #expect(closed == .closed)
    }
    try await server.stop()
  }

  @Test func `a cancelled reader ends its transfer`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
    ])
    try await CurlClient.used { client in
      let response = try await client.send(CurlRequest("GET", server.base))
      let kind = await withTaskGroup(of: CurlError.Kind?.self) { group in
        group.addTask { await failureKind { _ = try await response.next() } }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(kind == .cancelled)
      let closed = await server.event { $0 == .closed }
      #expect(closed == .closed)
    }
    try await server.stop()
  }

  @Test func `a response that nobody reads is broken off when it is let go`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\n\r\n"),
      .repeatForever(String(repeating: "x", count: 9999)),
    ])
    try await CurlClient.used { client in
      for _ in 0..<3 {
        let status = try await client.send(CurlRequest("GET", server.base)).head.status
        #expect(status == 200)
        let closed = await server.event { $0 == .closed }
        #expect(closed == .closed)
      }
    }
    try await server.stop()
  }

  @Test func `a response that was read to its end leaves its connection for the next`() async throws
  {
    let server = try await TestServer()
    try await CurlClient.used { client in
      for _ in 0..<5 {
        _ = try await client.send(CurlRequest("GET", server.base + "/zeros/300000")).countBytes()
      }
      #expect(server.sight.connections == 1)
    }
    try await server.stop()
  }

  @Test func `closing ends everything under way, and again is harmless`() async throws {
    let server = try await ScriptServer([.awaitHead])
    var settings = CurlSettings()
    settings.connectionLimit = 2
    let client = try CurlClient(settings: settings)
    await withTaskGroup(of: CurlError.Kind?.self) { group in
      for _ in 0..<10 {
        group.addTask {
          await failureKind {
            _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 0)
          }
        }
      }
      _ = await server.event { if case .head = $0 { true } else { false } }
      async let first: Void = client.close()
      async let second: Void = client.close()
      _ = await (first, second)
      for await kind in group { #expect(kind == .closed) }
    }
    await client.close()
    let kind = await failureKind { _ = try await client.send(CurlRequest("GET", server.base)) }
    #expect(kind == .closed)
    try await server.stop()
  }

  @Test func `closing ends a response that is being read`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
    ])
    let client = try CurlClient()
    let response = try await client.send(CurlRequest("GET", server.base))
    async let kind = failureKind { _ = try await response.next() }
    await client.close()
    #expect(await kind == .closed)
    try await server.stop()
  }

  @Test func `a client that is let go leaves its open response readable`() async throws {
    let server = try await TestServer()
    let response = try await CurlClient().send(CurlRequest("GET", server.base + "/zeros/5000000"))
    let count = try await response.countBytes()
    #expect(count == 5_000_000)
    try await server.stop()
  }

  @Test func `requests above the limit are refused as busy, and room returns`() async throws {
    let server = try await ScriptServer([.awaitHead])
    var settings = CurlSettings()
    settings.requestLimit = 2
    try await CurlClient.used(settings) { client in
      await withTaskGroup(of: CurlError.Kind?.self) { group in
        for _ in 0..<2 {
          group.addTask {
            await failureKind {
              _ = try await client.fetch(CurlRequest("GET", server.base), limitBytes: 0)
            }
          }
        }
        for _ in 0..<2 { _ = await server.event { if case .head = $0 { true } else { false } } }
        let kind = await failureKind { _ = try await client.send(CurlRequest("GET", server.base)) }
        #expect(kind == .busy)
        group.cancelAll()
        for await kind in group { #expect(kind == .cancelled) }
      }
      for _ in 0..<2 { _ = await server.event { $0 == .closed } }
      let answering = try await TestServer()
      for _ in 0..<5 {
        let answer = try await client.fetch(
          CurlRequest("GET", answering.base + "/echo"), limitBytes: 999)
        #expect(answer.head.status == 200)
      }
      try await answering.stop()
    }
    try await server.stop()
  }
}
