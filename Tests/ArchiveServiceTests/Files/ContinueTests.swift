// Clients that ask whether their file is wanted before they send it.

import NIOCore
import NIOPosix
import Testing

@testable import ArchiveService

@Suite struct ContinueTests {
  /// Sends the head of a request, waits for whatever comes, sends the body only where it is told to go on, and reads to
  /// the end.
  private static func ask(_ server: TestServer, _ head: [String], body: [UInt8]) async throws
    -> (interim: Int, reply: Reply)
  {
    let text = (head + ["Host: localhost", "Expect: 100-continue", "Connection: close"])
      .joined(separator: "\r\n")
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: server.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(
        ByteBuffer(string: text + "\r\nContent-Length: \(body.count)\r\n\r\n"))
      var iterator = inbound.makeAsyncIterator()
      var received: [UInt8] = []
      var interim: Reply?
      while interim == nil, let buffer = try await iterator.next() {
        received += buffer.readableBytesView
        interim = Reply(received)
      }
      let first = try #require(interim)
      if first.status == 100 {
        received = first.body
        try await outbound.write(ByteBuffer(bytes: body))
      }
      while let buffer = try await iterator.next() { received += buffer.readableBytesView }
      return (first.status, try #require(Reply(received)))
    }
  }

  @Test("E1 a client that waits to be told to go on is told so, once, and its file comes in")
  func goesOn() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let token = "Authorization: Bearer \(ada.token)"
      let (form, stored) = try await Self.ask(
        server, ["POST /api/files HTTP/1.1", token, TestForm.contentType],
        body: TestForm.file("a.txt", Array("dear".utf8)))
      #expect(form == 100 && stored.status == 201)
      let created = try await server.send(
        "POST", "/api/uploads", as: ada,
        headers: ["Tus-Resumable: 1.0.0", "Upload-Length: 4"], body: [])
      let path = try #require(created.headers["location"])
      let (piece, patched) = try await Self.ask(
        server,
        [
          "PATCH \(path) HTTP/1.1", token, "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
          "Content-Type: application/offset+octet-stream",
        ], body: Array("dear".utf8))
      #expect(piece == 100 && patched.status == 204)
      #expect(patched.headers["upload-offset"] == "4")
    }
  }

  @Test("E1 U13 a client that waits hears of a refusal before it sent a byte of its file")
  func isRefused() async throws {
    try await TestServer.run {
      $0.uploads.maxBytes = 1000
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let token = "Authorization: Bearer \(ada.token)"
      let small = TestForm.file("a", [1])
      func statuses(_ head: String..., body: [UInt8]) async throws -> [Int] {
        let (first, reply) = try await Self.ask(server, head, body: body)
        return [first, reply.status]
      }
      let large = [UInt8](repeating: 0, count: 400_000)
      #expect(
        try await statuses("POST /api/files HTTP/1.1", token, TestForm.contentType, body: large)
          == [413, 413])
      #expect(
        try await statuses("POST /api/files HTTP/1.1", TestForm.contentType, body: small)
          == [401, 401])
      #expect(
        try await statuses("POST /api/files HTTP/1.1", token, "Content-Type: a/b", body: small)
          == [415, 415])
      let created = try await server.send(
        "POST", "/api/uploads", as: ada,
        headers: ["Tus-Resumable: 1.0.0", "Upload-Length: 4"], body: [])
      let path = try #require(created.headers["location"])
      #expect(
        try await statuses(
          "PATCH \(path) HTTP/1.1", token, "Tus-Resumable: 1.0.0", "Upload-Offset: 3",
          "Content-Type: application/offset+octet-stream", body: [1]) == [409, 409])
    }
  }
}
