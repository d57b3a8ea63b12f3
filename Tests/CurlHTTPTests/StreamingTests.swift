// Large bodies both ways: memory, back-pressure, sources that misbehave.

import CurlHTTP
import Synchronization
import Testing

@Suite struct StreamingTests {
  static let large: Int64 = 256 << 20

  @Test func `256 MiB are streamed up in bounded memory`() async {
    // Each of these in a process of its own: the memory of the process is measured.
    await #expect(processExitsWith: .success) {
      try await withinBoundedMemory { client, server in
        let source = ZeroSource(StreamingTests.large)
        let body = CurlBody.stream(length: StreamingTests.large) { source.next() }
        let response = try await client.send(CurlRequest("PUT", server.base + "/drain", body: body))
        let count = String(decoding: try await response.all(), as: UTF8.self)
        #expect(count == "\(StreamingTests.large)")
      }
    }
  }

  @Test func `256 MiB are streamed down in bounded memory`() async {
    await #expect(processExitsWith: .success) {
      try await withinBoundedMemory { client, server in
        let url = server.base + "/zeros/\(StreamingTests.large)"
        let count = try await client.send(CurlRequest("GET", url)).countBytes()
        #expect(count == Int(StreamingTests.large))
      }
    }
  }

  @Test func `a body is copied from one request into another in bounded memory`() async {
    await #expect(processExitsWith: .success) {
      try await withinBoundedMemory { client, server in
        let url = server.base + "/zeros/\(StreamingTests.large)"
        let down = try await client.send(CurlRequest("GET", url))
        let body = CurlBody.stream(length: StreamingTests.large) { try await down.next() }
        let up = try await client.fetch(
          CurlRequest("PUT", server.base + "/drain", body: body), limitBytes: 100)
        #expect(up.body == Array("\(StreamingTests.large)".utf8))
      }
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `bodies through the smallest buffer arrive whole, however reader and transfer meet`()
    async throws
  {
    // A wake-up that was lost between two looks of the reader left a transfer paused for ever.
    var settings = CurlSettings()
    settings.bufferBytes = 1
    let server = try await TestServer()
    try await CurlClient.used(settings) { client in
      for _ in 0..<4 {
        try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<8 {
            group.addTask {
              let request = CurlRequest("GET", server.base + "/zeros/\(4 << 20)")
              return try await client.send(request).countBytes()
            }
          }
          for try await count in group { #expect(count == 4 << 20) }
        }
      }
    }
    try await server.stop()
  }

  @Test func `a reader that waits stops the server, and gets everything afterwards`() async {
    await #expect(processExitsWith: .success) {
      try await withinBoundedMemory { client, server in
        let url = server.base + "/zeros/\(StreamingTests.large)"
        let response = try await client.send(CurlRequest("GET", url))
        // Time in which a client without back-pressure would take all of it.
        for _ in 0..<200 {
          let other = CurlRequest("GET", server.base + "/zeros/100000")
          _ = try await client.fetch(other, limitBytes: 100_000)
        }
        let count = try await response.countBytes()
        #expect(count == Int(StreamingTests.large))
      }
    }
  }

  @Test func `a server that does not read stops the source`() async throws {
    let server = try await ScriptServer([.awaitHead, .stopReading])
    try await CurlClient.used { client in
      let source = ZeroSource(Self.large)
      let kind = await failureKind {
        _ = try await client.fetch(
          CurlRequest(
            "PUT", server.base + "/x", body: .stream(length: Self.large) { source.next() },
            deadlines: .short(stall: .milliseconds(300))), limitBytes: 0)
      }
      #expect(kind == .timedOut)
      #expect(source.remaining > Self.large / 2)
    }
    try await server.stop()
  }

  @Test func `a source that throws breaks the request off and is named as the cause`() async throws
  {
    struct SourceBroke: Error {}
    let server = try await TestServer()
    try await CurlClient.used { client in
      let calls = Mutex(0)
      let body = CurlBody.stream(length: 1 << 20) {
        guard
          calls.withLock({
            $0 += 1; return $0
          }) < 3
        else { throw SourceBroke() }
        return [UInt8](repeating: 0, count: 1000)
      }
      let error = await #expect(throws: CurlError.self) {
        _ = try await client.fetch(
          CurlRequest("PUT", server.base + "/drain", body: body), limitBytes: 99)
      }
      #expect(error?.kind == .sourceFailed)
      #expect(error?.cause is SourceBroke)
    }
    try await server.stop()
  }

  @Test(arguments: [Int64(99_999), 100_001, 200_000, 0])
  func `a source of another length never becomes a whole body`(said: Int64) async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let source = ZeroSource(100_000, chunkBytes: 33_333)
      let body = CurlBody.stream(length: said) { source.next() }
      let kind = await failureKind {
        _ = try await client.send(CurlRequest("PUT", server.base + "/objects/s", body: body))
      }
      #expect(kind == .sourceFailed)
    }
    // For length 0 the server may have a whole request, but then it has no bytes that nobody promised.
    #expect(server.sight.objects["/objects/s"]?.isEmpty ?? true)
    try await server.stop()
  }

  @Test(arguments: [true, false])
  func `a server that refuses before the body is heard at once`(isPulled: Bool) async throws {
    let server = try await ScriptServer([
      .awaitHead, .stopReading,
      .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),
    ])
    try await CurlClient.used { client in
      let source = ZeroSource(Self.large)
      let request = CurlRequest(
        "PUT", server.base + "/x", body: .stream(length: Self.large) { source.next() })
      if isPulled {
        let response = try await client.send(request)
        #expect(response.head.status == 403)
        let body = try await response.all()
        #expect(body == Array("no".utf8))
      } else {
        let answer = try await client.fetch(request, limitBytes: 2)
        #expect(answer.head.status == 403)
        #expect(answer.body == Array("no".utf8))
      }
      #expect(source.remaining > Self.large / 2)
    }
    try await server.stop()
  }

  @Test func `a refusal is heard while the source has nothing to give`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
    ])
    try await CurlClient.used { client in
      let (never, _) = AsyncStream.makeStream(of: [UInt8].self)
      let body = CurlBody.stream(length: 10) {
        for await bytes in never { return bytes }
        throw CancellationError()
      }
      let response = try await client.send(CurlRequest("PUT", server.base + "/x", body: body))
      #expect(response.head.status == 503)
      let rest = try await response.all()
      #expect(rest.isEmpty)
    }
    try await server.stop()
  }

  @Test func `a success before the whole body was sent is not believed`() async throws {
    let server = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
      .close,
    ])
    try await CurlClient.used { client in
      let source = ZeroSource(Self.large)
      let kind = await failureKind {
        _ = try await client.send(
          CurlRequest("PUT", server.base, body: .stream(length: Self.large) { source.next() }))
      }
      #expect(kind == .broken)
    }
    try await server.stop()
  }
}

/// An array in pieces.
final class ChunkSource: Sendable {
  private let rest: Mutex<ArraySlice<UInt8>>
  private let chunkBytes: Int

  init(_ bytes: [UInt8], chunkBytes: Int) {
    rest = Mutex(bytes[...])
    self.chunkBytes = chunkBytes
  }

  func next() -> [UInt8]? {
    rest.withLock { rest in
      defer { rest = rest.dropFirst(chunkBytes) }
      return rest.isEmpty ? nil : Array(rest.prefix(chunkBytes))
    }
  }
}

/// Runs a test with a client and a server, and expects that the process needs 48 MiB for it at most.
func withinBoundedMemory(_ test: (CurlClient, TestServer) async throws -> Void) async throws {
  let server = try await TestServer()
  try await CurlClient.used { client in
    ProcessMemory.forgetPeak()
    let before = ProcessMemory.resident
    try await test(client, server)
    let growth = ProcessMemory.peak - before
    #expect(growth < 48 << 10, "grew by \(growth) KiB")
  }
  try await server.stop()
}
