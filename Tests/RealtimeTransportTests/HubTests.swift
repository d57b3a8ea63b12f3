// Who hears what: groups, broadcasts, ends, and limits.

import NIOCore
import RealtimeProtocol
import Testing

@testable import RealtimeTransport

@Suite(.timeLimit(.minutes(2))) struct HubTests {
  private static let room = GroupKey("room")

  @Test("a broadcast reaches every member once, on whatever event loop, and nobody else")
  func broadcast() async throws {
    try await RunningServer.run { server in
      var clients: [RawClient] = []
      for _ in 0..<12 { clients.append(try await RawClient.socketIO(port: server.port)) }
      let sockets = server.application.memory.connected
      for socket in sockets.dropLast(2) {
        #expect(await server.hub.join(socket, [Self.room, GroupKey("other")]))
      }
      #expect(server.hub.memberCount(of: Self.room) == 10)
      #expect(Set(await server.hub.members(of: Self.room)) == Set(sockets.dropLast(2)))
      server.hub.broadcast(
        .event("news", [1]), to: [Self.room, GroupKey("other")], except: [sockets[0]])
      server.hub.leave(membersOf: GroupKey("other"), [Self.room])
      server.hub.broadcast(.event("news", [2]), to: Self.room)
      for socket in sockets { server.hub.send(.event("end"), to: socket) }
      var heard: [[String]] = []
      for client in clients {
        var messages: [String] = []
        while messages.last != #"42["end"]"# { messages.append(try await client.message()) }
        heard.append(messages.dropLast())
        client.close()
      }
      #expect(heard.filter { $0 == [#"42["news",1]"#] }.count == 9)
      #expect(heard.filter(\.isEmpty).count == 3)
      await server.application.until { $0.disconnected.count == 12 }
      #expect(server.hub.memberCount(of: GroupKey("other")) == 0)
      #expect(await server.hub.join(sockets[0], [Self.room]) == false)
    }
  }

  @Test("what is sent to a socket before it was told that it is in comes after that")
  func early() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient.socketIO(
        port: server.port, auth: #"{"groups":["a","b"]}"#)
      #expect(try await client.message() == #"42["joined","a"]"#)
      #expect(try await client.message() == #"42["joined","b"]"#)
      client.close()
    }
  }

  @Test("a socket that is refused learns why, and its connection stays")
  func refusal() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient(
        port: server.port, webSocket: "/socket.io/?EIO=4&transport=websocket")
      _ = try await client.frame()
      try await client.sendText(#"40{"refuse":"not you"}"#)
      #expect(
        try await client.message() == #"44{"message":"not you","data":{"kind":"test"}}"#)
      try await client.sendText("40")
      #expect(try await client.message().hasPrefix("40{"))
      #expect(server.application.memory.connected.count == 1)
      #expect(server.hub.measurements.sockets == 1)
      client.close()
    }
  }

  @Test("the end of a socket is told to its client, and what was sent before comes first")
  func ends() async throws {
    try await RunningServer.run { server in
      let (ended, cut) = (
        try await RawClient.socketIO(port: server.port),
        try await RawClient.socketIO(port: server.port)
      )
      let sockets = server.application.memory.connected
      await server.hub.join(sockets[0], [GroupKey("session")])
      server.hub.broadcast(.event("sessionEnded"), to: GroupKey("session"))
      server.hub.close(membersOf: GroupKey("session"), .ended("revoked"))
      #expect(try await ended.message() == #"42["sessionEnded"]"#)
      #expect(try await ended.message() == "41")
      #expect(try await ended.closeCode() == 1000)
      server.hub.send(.event("last"), to: sockets[1])
      server.hub.close(sockets[1], .interrupted("overloaded"))
      #expect(try await cut.message() == #"42["last"]"#)
      #expect(try await cut.closeCode() == 1000)
      await server.application.until { $0.disconnected.count == 2 }
      #expect(
        server.application.memory.disconnected.map(\.1)
          == [.serverNamespaceDisconnect, CloseReason("overloaded")])
    }
  }

  @Test("W10 a client that stops reading is cut off and told, and others hear everything")
  func slowReader() async throws {
    try await RunningServer.run { settings in
      settings.inFlightLimitBytes = 256 << 10
      settings.compressionFloorBytes = nil
      settings.closeTimeout = .seconds(2)
    } _: { server in
      let slow = try await RawClient.socketIO(port: server.port)
      let quick = try await RawClient.socketIO(port: server.port)
      for socket in server.application.memory.connected {
        await server.hub.join(socket, [Self.room])
      }
      try await slow.channel.setOption(.autoRead, value: false).get()
      let text = String(repeating: "x", count: 64 << 10)
      var number: Int64 = 0
      while server.hub.measurements.tooSlowTotal == 0 {
        server.hub.broadcast(.event("news", [.integer(number), .string(text)]), to: Self.room)
        #expect(try await quick.message().hasPrefix(#"42["news",\#(number),"#))
        number += 1
        #expect(number < 1_000)
      }
      await server.application.until { $0.disconnected.count == 1 }
      #expect(server.application.memory.disconnected.first?.1 == .slowReader)
      try await slow.channel.setOption(.autoRead, value: true).get()
      #expect(try await slow.closeCode() == 1008)
      quick.close()
    }
  }

  @Test("E05 a client that does not answer pings is gone after their time")
  func heartbeat() async throws {
    try await RunningServer.run { settings in
      settings.sessions = RealtimeSettings(
        pingInterval: .milliseconds(100), pingTimeout: .seconds(1))
    } _: { server in
      let silent = try await RawClient.socketIO(port: server.port)
      let alive = try await RawClient.socketIO(port: server.port)
      while server.application.memory.disconnected.isEmpty {
        #expect(try await alive.frame().text == "2")
        try await alive.sendText("3")
      }
      #expect(try await silent.frame().text == "2")
      #expect(try await silent.closeCode() == 1000)
      #expect(server.application.memory.disconnected.first?.1 == .pingTimeout)
      #expect(server.hub.measurements.pingTimeoutTotal == 1)
      alive.close()
    }
  }

  @Test("events of one socket are answered in order, also when more come than may wait")
  func order() async throws {
    try await RunningServer.run { settings in
      settings.eventQueueLimit = 4
    } _: { server in
      let client = try await RawClient.socketIO(port: server.port)
      let wire = (0..<2_000).map {
        ClientFrame(.text, Array(#"42\#($0)["message-with-ack",\#($0)]"#.utf8)).bytes
      }
      try await client.send(wire.flatMap(\.self))
      for number in 0..<2_000 {
        #expect(try await client.message() == "43\(number)[\(number)]")
      }
      client.close()
    }
  }

  @Test("connections of one address, and all together, are limited")
  func limits() async throws {
    try await RunningServer.run { settings in
      settings.connectionsPerOrigin = 3
    } _: { server in
      var clients: [RawClient] = []
      for _ in 0..<3 { clients.append(try await RawClient.socketIO(port: server.port)) }
      let fourth = try await RawClient(port: server.port)
      try await fourth.send(
        Array(RawClient.upgrade("/socket.io/?EIO=4&transport=websocket").utf8))
      #expect(try await fourth.answer().status == 429)
      let fifth = try await RawClient(port: server.port)
      #expect(
        try await fifth.request("GET", "/socket.io/?EIO=4&transport=polling").status == 429)
      #expect(server.hub.measurements.refusedTotal == 2)
      clients[0].close()
      await server.until { $0.connections == 2 }
      clients.append(try await RawClient.socketIO(port: server.port))
      for client in clients + [fourth, fifth] { client.close() }
    }
  }

  @Test("C01 at the end everybody is told with 1001, and the application hears of each")
  func drain() async throws {
    try await RunningServer.run { server in
      var clients: [RawClient] = []
      for _ in 0..<200 { clients.append(try await RawClient.socketIO(port: server.port)) }
      let poller = try await RawClient(port: server.port)
      let open = try await poller.request("GET", "/socket.io/?EIO=4&transport=polling")
      let id = open.body.split(separator: "\"sid\":\"").last?.split(separator: "\"").first ?? ""
      try await poller.send(
        Array(RawClient.head("GET", "/socket.io/?EIO=4&transport=polling&sid=\(id)").utf8))
      server.stop()
      for client in clients {
        while true {
          let frame = try await client.frame()
          guard frame.opcode == 8 else { continue }
          #expect(frame.code == 1001)
          break
        }
        try await client.send(ClientFrame(.close, [0x03, 0xE9]).bytes)
        try await client.end()
      }
      #expect(try await poller.answer().body == "1")
      await server.application.until { $0.disconnected.count == 200 }
      #expect(
        server.application.memory.disconnected.allSatisfy { $0.1 == .serverShuttingDown })
    }
  }
}
