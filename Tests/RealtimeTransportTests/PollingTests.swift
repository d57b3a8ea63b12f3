// Long-polling, and the way from it to a WebSocket.

import NIOCore
import RealtimeProtocol
import Synchronization
import Testing

@testable import RealtimeTransport

@Suite(.timeLimit(.minutes(2))) struct PollingTests {
  private static let target = "/socket.io/?EIO=4&transport=polling"

  /// A session that polls and has joined the main namespace, with its polls and pushes on two connections.
  private struct Session: Sendable {
    let poller: RawClient
    let pusher: RawClient
    let id: String

    init(_ server: RunningServer) async throws {
      poller = try await RawClient(port: server.port)
      pusher = try await RawClient(port: server.port)
      let open = try await poller.request("GET", PollingTests.target)
      #expect(open.status == 200 && open.head.contains("text/plain; charset=UTF-8"))
      id = try #require(PollingTests.sessionID(open.body))
      #expect(try await push("40").body == "ok")
      #expect(try await poll().body.hasPrefix("40{"))
    }

    var address: String { "\(PollingTests.target)&sid=\(id)" }
    func poll() async throws -> RawClient.Answer { try await poller.request("GET", address) }
    func push(_ body: String) async throws -> RawClient.Answer {
      try await pusher.request("POST", address, body: body)
    }
    /// A WebSocket that may take the session over. Event loops are taken by turns: every other turn it is on another
    /// one than the session, where there are two or more.
    func probe(_ server: RunningServer, turn: Int) async throws -> RawClient {
      if turn % 2 == 1 { try await RawClient(port: server.port).close() }
      let socket = try await RawClient(
        port: server.port, webSocket: "/socket.io/?EIO=4&transport=websocket&sid=\(id)")
      try await socket.sendText("2probe")
      #expect(try await socket.frame().text == "3probe")
      return socket
    }
    func close() {
      poller.close()
      pusher.close()
    }
  }

  private static func sessionID(_ open: String) -> String? {
    open.split(separator: "\"sid\":\"").last?.split(separator: "\"").first.map(String.init)
  }

  @Test("a session talks by polls and pushes, and a poll waits for what is said")
  func talk() async throws {
    try await RunningServer.run { server in
      let session = try await Session(server)
      #expect(try await session.push("42[\"message\",1]\u{1E}42[\"message\",2]").body == "ok")
      var said = ""
      while !said.contains(",2]") { said += try await session.poll().body + "\u{1E}" }
      #expect(said == "42[\"message-back\",1]\u{1E}42[\"message-back\",2]\u{1E}")
      async let waiting = session.poll()
      #expect(try await session.push("42[\"message\",3]").body == "ok")
      #expect(try await waiting.body == "42[\"message-back\",3]")
      #expect(try await session.push("41").body == "ok")
      await server.application.until { $0.disconnected.count == 1 }
      #expect(server.application.memory.disconnected.first?.1 == .clientNamespaceDisconnect)
      session.close()
    }
  }

  @Test("E01 E02 a request that makes no sense is refused, and no session is opened")
  func refused() async throws {
    try await RunningServer.run { server in
      let cases: [(String, String, Int)] = [
        ("GET", "/socket.io/?transport=polling", 400),
        ("GET", "/socket.io/?EIO=abc&transport=polling", 400),
        ("GET", "/socket.io/?EIO=3&transport=polling", 400), ("GET", "/socket.io/?EIO=4", 400),
        ("GET", "/socket.io/?EIO=4&transport=abc", 400), ("GET", "/socket.io/", 400),
        ("GET", "/socket.io?EIO=4", 400), ("PUT", Self.target, 400), ("POST", Self.target, 400),
        ("GET", Self.target + "&sid=unknown", 400), ("GET", Self.target + "&sid=unknown_0", 400),
        ("GET", Self.target + "&sid=_-1", 400),
        ("GET", Self.target + "&sid=" + String(repeating: "x", count: 5_000), 400),
        ("GET", "/socket.io/x?EIO=4&transport=polling", 200), ("GET", "/socket.iox/", 200),
      ]
      for (method, target, status) in cases {
        let client = try await RawClient(port: server.port)
        let body: String? = method == "GET" ? nil : ""
        let answer = try await client.request(method, target, body: body)
        #expect(answer.status == status, "\(method) \(target)")
        client.close()
      }
      #expect(server.hub.measurements.openedTotal == 0)
    }
  }

  @Test("E04 a push that is no payload ends the session; one that is too large is refused with 413")
  func payloads() async throws {
    try await RunningServer.run { server in
      for body in ["abc", "", String(repeating: "\u{1E}", count: 100_000)] {
        let session = try await Session(server)
        #expect(try await session.push(body).status == 400)
        #expect(try await session.poll().status == 400)
        session.close()
      }
      let announced = try await Session(server)
      try await announced.pusher.send(
        Array(
          "POST \(announced.address) HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n4".utf8))
      #expect(try await announced.pusher.answer().status == 413)
      // The session may hear of it a moment after the client; a poll that was faster is answered as it ends.
      while case let answer = try await announced.poll(), answer.status != 400 {
        #expect(answer.body == "1" || answer.body == "6")
      }
      let chunked = try await Session(server)
      let chunk = "FFFF\r\n" + String(repeating: "4", count: 0xFFFF) + "\r\n"
      try await chunked.pusher.send(
        Array(
          "POST \(chunked.address) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
      try await chunked.pusher.send(Array(String(repeating: chunk, count: 17).utf8))
      #expect(try await chunked.pusher.answer().status == 413)
      for session in [announced, chunked] { session.close() }
    }
  }

  @Test("two polls at once end the session, and so does a poll that is given up")
  func polls() async throws {
    try await RunningServer.run { server in
      let twice = try await Session(server)
      async let first = twice.poll()
      var second = try await twice.pusher.request("GET", twice.address)
      // Whichever came first waited, and was told of the end.
      if second.status == 200 {
        second = try await first
      } else {
        #expect(try await first.body == "1")
      }
      #expect(second.status == 400)
      #expect(try await twice.poll().status == 400)
      let broken = try await Session(server)
      try await broken.poller.send(Array(RawClient.head("GET", broken.address).utf8))
      try await broken.poller.reset()
      await server.application.until { $0.disconnected.count == 2 }
      #expect(try await broken.push("3").status == 400)
      broken.close()
    }
  }

  @Test("a page of an allowed origin may read the answers, and ask beforehand")
  func crossOrigin() async throws {
    try await RunningServer.run { settings in
      settings.origins.allowed = ["https://app.example"]
    } _: { server in
      let client = try await RawClient(port: server.port)
      let answer = try await client.request(
        "GET", Self.target, fields: "Origin: https://app.example\r\n")
      #expect(answer.head.contains("Access-Control-Allow-Origin: https://app.example\r\n"))
      #expect(answer.head.lowercased().contains("vary: origin"))
      #expect(!answer.head.lowercased().contains("cookie"))
      let asked = try await client.request(
        "OPTIONS", Self.target,
        fields: "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n"
          + "Access-Control-Request-Headers: content-type, x-mine\r\n")
      #expect(asked.status == 204 && asked.head.contains("content-type, x-mine"))
      let other = try await client.request(
        "GET", Self.target, fields: "Origin: https://evil.example\r\n")
      #expect(other.status == 403 && !other.head.contains("Access-Control-Allow-Origin"))
      client.close()
    }
  }

  @Test(
    "a session changes to a WebSocket while it is talked to, and nothing is lost, doubled or reordered"
  )
  func upgrade() async throws {
    try await RunningServer.run { server in
      for round in 0..<8 {
        let session = try await Session(server)
        let total = 300
        async let talking: Void = {
          for number in 0..<total {
            _ = try await session.pusher.request(
              "POST", session.address, body: "42[\"message\",\(number)]")
            if number == 100 + round * 10 { break }
          }
        }()
        var heard: [String] = []
        for _ in 0..<5 { heard += try await Self.packets(session.poll()) }
        let socket = try await session.probe(server, turn: round)
        // What is polled now ends with a noop.
        repeat { heard += try await Self.packets(session.poll()) } while heard.last != "6"
        try await talking
        try await socket.sendText("5")
        let last = 100 + round * 10
        // It may have been polled already.
        while !heard.contains("42[\"message-back\",\(last)]") {
          heard.append(try await socket.message())
        }
        #expect(
          heard.filter { $0 != "6" && $0 != "2" } == (0...last).map { "42[\"message-back\",\($0)]" }
        )
        #expect(try await session.poll().status == 400)
        try await socket.sendText("42[\"message-with-ack\",1]".replacing("42", with: "429"))
        #expect(try await socket.message() == "439[1]")
        socket.close()
        session.close()
      }
    }
  }

  @Test(
    "what a client says right before it closes is heard, on whatever event loop its WebSocket is")
  func lastWords() async throws {
    try await RunningServer.run { server in
      for turn in 1...6 {
        let session = try await Session(server)
        let socket = try await session.probe(server, turn: turn)
        try await socket.sendText("5")
        try await socket.send(
          ClientFrame(.text, Array("42[\"last words\"]".utf8)).bytes
            + ClientFrame(.close, [0x03, 0xE8]).bytes)
        await server.application.until { $0.disconnected.count == turn }
        #expect(server.application.memory.events.count == turn)
        session.close()
      }
    }
  }

  @Test("a push with more events than may wait is answered when they were dealt with")
  func manyEvents() async throws {
    try await RunningServer.run { settings in
      settings.eventQueueLimit = 2
    } _: { server in
      let session = try await Session(server)
      let body = Array(repeating: "42[\"count\"]", count: 50).joined(separator: "\u{1E}")
      for turn in 1...3 {
        #expect(try await session.push(body).body == "ok")
        await server.application.until { $0.events.count >= 50 * turn }
      }
      session.close()
    }
  }

  private static func packets(_ answer: RawClient.Answer) -> [String] {
    answer.body.split(separator: "\u{1E}").map(String.init)
  }

  @Test("E02 a session that has a WebSocket is not given to another one, nor to polls")
  func taken() async throws {
    try await RunningServer.run { server in
      let session = try await Session(server)
      let target = "/socket.io/?EIO=4&transport=websocket&sid=\(session.id)"
      let first = try await RawClient(port: server.port, webSocket: target)
      let second = try await RawClient(port: server.port)
      try await second.send(Array(RawClient.upgrade(target).utf8))
      #expect(try await second.answer().status == 400)
      try await first.sendText("2probe")
      #expect(try await first.frame().text == "3probe")
      try await first.sendText("5")
      try await first.sendText("42[\"message\",1]")
      #expect(try await first.message() == "42[\"message-back\",1]")
      let third = try await RawClient(port: server.port)
      try await third.send(Array(RawClient.upgrade(target).utf8))
      #expect(try await third.answer().status == 400)
      #expect(try await session.poll().status == 400)
      #expect(try await session.push("42[\"message\",2]").status == 400)
      try await first.sendText("42[\"message\",3]")
      #expect(try await first.message() == "42[\"message-back\",3]")
      for client in [first, second, third] { client.close() }
      session.close()
    }
  }

  @Test("a WebSocket that is opened for a session and does nothing leaves the session as it is")
  func idleProbe() async throws {
    try await RunningServer.run { settings in
      settings.sessions = RealtimeSettings(upgradeTimeout: .milliseconds(100))
    } _: { server in
      let session = try await Session(server)
      let probe = try await RawClient(
        port: server.port, webSocket: "/socket.io/?EIO=4&transport=websocket&sid=\(session.id)")
      #expect(try await probe.closeCode() == 1000)
      #expect(try await session.push("42[\"message\",1]").body == "ok")
      #expect(try await session.poll().body == "42[\"message-back\",1]")
      session.close()
    }
  }

  @Test("H14 a client that asks on and on and takes no answer is not read any more")
  func neverReading() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient(port: server.port)
      try await client.channel.setOption(.autoRead, value: false).get()
      let request = RawClient.head(
        "OPTIONS", Self.target, fields: "Origin: http://127.0.0.1\r\n")
      let piece = [UInt8](String(repeating: request, count: 1_000).utf8)
      // Far more than all buffers between the two hold: the last of it never leaves.
      let last = client.channel.eventLoop.makePromise(of: Void.self)
      let isTaken = Atomic(false)
      last.futureResult.whenSuccess { isTaken.store(true, ordering: .relaxed) }
      for number in 1...400 {
        client.channel.writeAndFlush(
          ByteBuffer(bytes: piece), promise: number == 400 ? last : nil)
      }
      try await client.channel.eventLoop.scheduleTask(in: .seconds(2)) {}.futureResult.get()
      let wasTaken = isTaken.load(ordering: .relaxed)
      #expect(!wasTaken)
      client.close()
    }
  }
}
