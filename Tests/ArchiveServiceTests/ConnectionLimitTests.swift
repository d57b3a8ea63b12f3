// What bounds connections: their number, and how long an answer may lie unread.

import ArchiveCore
import ArchiveService
import Foundation
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionLimitTests {
  @Test("H14 10,000 requests whose answers nobody reads end at the write deadline, after few")
  func flood() async throws {
    try await TestServer.run {
      $0.http.writeDeadline = .seconds(1)
    } _: { server async throws in
      let get = "GET /openapi.json HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 1000))"
      let flood = Array(String(repeating: get + "\r\n\r\n", count: 10_000).utf8)
      async let received = server.exchange(flood, readingEvery: nil)
      #expect(try await server.send("GET", "/healthz").status == 200)
      // What the kernels hold of it, which is all that was ever made, still comes.
      #expect(try await received.count < 16 << 20)
      let metrics = String(decoding: try await server.send("GET", "/metrics").body, as: UTF8.self)
      let count = metrics.firstMatch(of: /_count{[^}]*"\/openapi.json"[^}]*} ([0-9]+)/)
      let answered = try #require(count.flatMap { Int($0.1) })
      #expect(answered > 0 && answered < 1000)
    }
  }

  @Test("a client that reads slowly gets the whole of an answer that closes")
  func slowReader() async throws {
    try await TestServer.run {
      $0.http.writeDeadline = .seconds(1)
      $0.http.lingerDeadline = .milliseconds(10)
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let id = try await server.converse(ada, with: [try await server.signUp("Bob")])
      let conversation = try #require(ConversationID(id))
      let sender = try #require(UserID(ada.id))
      let text = String(repeating: "x", count: 60_000)
      for _ in 0..<60 {
        _ = try await server.log.append(
          EntryDraft(.message, in: conversation, by: sender, text: text))
      }
      let get =
        "GET /api/conversations/\(id)/messages?before=1000&limit=60 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(ada.token)\r\n\r\n"
      let reply = Reply(
        try await server.exchange(Array(get.utf8), readingEvery: .milliseconds(50)))
      #expect(reply?.status == 200)
      let length = reply?.headers["content-length"].flatMap { Int($0) } ?? 0
      #expect(length > 60 * text.utf8.count)
      #expect(reply?.body.count == length)
    }
  }

  @Test("a connection over the limit waits until another ends")
  func limit() async throws {
    try await TestServer.run {
      $0.http.connectionLimit = 3
    } _: { server async throws in
      let isAnswered = Mutex(false)
      let (full, isFull) = AsyncStream.makeStream(of: Void.self)
      async let late: Void = { () async throws in
        for await _ in full { break }
        #expect(try await server.send("GET", "/healthz").status == 200)
        isAnswered.withLock { $0 = true }
      }()
      try await server.holding(3) { ask in
        isFull.yield()
        for _ in 0..<50 { try await ask() }
        #expect(!isAnswered.withLock { $0 })
      }
      try await late
    }
  }

  @Test("H16 connections that break off in the middle of a request are not counted any more")
  func brokenOff() async throws {
    try await TestServer.run {
      $0.http.connectionLimit = 8
    } _: { server async throws in
      let text =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<100 {
          let part = Array(text.utf8.prefix(index + 10))
          group.addTask { try await server.breakOff(after: part, reset: index % 2 == 0) }
        }
        try await group.waitForAll()
      }
      try await server.holding(8) { ask in try await ask() }
    }
  }
}
