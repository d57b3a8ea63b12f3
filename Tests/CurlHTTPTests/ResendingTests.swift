// What becomes of a request when the connection it went out on turns out dead.

import CurlHTTP
import Testing

@Suite struct ResendingTests {
  /// Answers the first request of each connection and hangs up on the second, after having read it.
  private static let hangsUpOnTheSecond: [ScriptServer.Step] = [
    .awaitHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .awaitHead, .close,
  ]

  @Test func `S02 a request that may be resent goes out again when a used connection dies`()
    async throws
  {
    #expect(try await Self.statuses([1, 2, 3], mayBeResent: true) == [200, 200])
  }

  @Test func `S02 a request that must not be resent is broken when a used connection dies`()
    async throws
  {
    let kind = await failureKind { _ = try await Self.statuses([1, 2, 3], mayBeResent: false) }
    #expect(kind == .broken)
  }

  @Test func `S02 a request without a body that must not be resent takes a fresh connection`()
    async throws
  {
    #expect(try await Self.statuses([], mayBeResent: false) == [200, 200])
  }

  /// Sends twice, so that the second finds a connection that was used before.
  private static func statuses(_ body: [UInt8], mayBeResent: Bool) async throws -> [Int] {
    let server = try await ScriptServer(hangsUpOnTheSecond)
    var statuses: [Int] = []
    try await CurlClient.used { client in
      for isFirst in [true, false] {
        var request = CurlRequest("PUT", server.base, body: .bytes(body))
        request.mayBeResent = isFirst || mayBeResent
        statuses.append(try await client.fetch(request, limitBytes: 10).head.status)
      }
    }
    try await server.stop()
    return statuses
  }
}
