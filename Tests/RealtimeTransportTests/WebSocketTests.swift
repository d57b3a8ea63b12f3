// Whole WebSockets over TCP: upgrading, frames, closing, limits.

import NIOCore
import RealtimeProtocol
import Testing

@testable import RealtimeTransport

@Suite(.timeLimit(.minutes(2))) struct WebSocketTests {
  private static let target = "/socket.io/?EIO=4&transport=websocket"

  @Test("a connection becomes a WebSocket, talks, and is closed with the code that the client gave")
  func life() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient.socketIO(port: server.port)
      try await client.sendText(#"42["message",1,"zwei",{"3":[true]}]"#)
      #expect(try await client.message() == #"42["message-back",1,"zwei",{"3":[true]}]"#)
      try await client.send(ClientFrame(.ping, [1, 2, 3]).bytes)
      #expect(
        try await client.frame()
          == RawClient.Frame(opcode: 10, isCompressed: false, payload: [1, 2, 3]))
      try await client.send(ClientFrame(.close, [0x0F, 0xA0]).bytes)
      #expect(try await client.closeCode() == 4000)
      await server.application.until { $0.disconnected.count == 1 }
      #expect(server.application.memory.disconnected.first?.1 == .transportClose)
      await server.until { $0.connections == 0 }
    }
  }

  @Test(
    "W01 W03 W05 what the protocol forbids closes with its code, and others talk on",
    arguments: [
      Wire("no mask", ClientFrame(.text, [65], isMasked: false).bytes),
      Wire("reserved bit", ClientFrame(.text, [65], reserved: 0x20).bytes),
      Wire("compressed without agreement", ClientFrame(.text, [65], reserved: 0x40).bytes),
      Wire("unknown opcode", ClientFrame(opcode: 5, [65]).bytes),
      Wire("part of nothing", ClientFrame(.continuation, [65]).bytes),
      Wire("long ping", ClientFrame(.ping, [UInt8](repeating: 1, count: 200)).bytes),
      Wire("forbidden close code", ClientFrame(.close, [0x03, 0xED]).bytes),
      Wire("no UTF-8", ClientFrame(.text, [0x34, 0xFF]).bytes, 1007),
      Wire(
        "2^63 - 1 bytes", [0x81, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0],
        1009),
      Wire(
        "a byte too many", ClientFrame(.text, [UInt8](repeating: 0x34, count: 1_000_001)).bytes,
        1009),
    ])
  func forbidden(wire: Wire) async throws {
    try await RunningServer.run { server in
      let other = try await RawClient.socketIO(port: server.port)
      let client = try await RawClient.socketIO(port: server.port)
      try await client.send(wire.bytes)
      #expect(try await client.closeCode() == wire.code)
      try await other.sendText(#"42["message"]"#)
      #expect(try await other.message() == #"42["message-back"]"#)
      other.close()
    }
  }

  @Test("W06 endless parts of one byte end at the limit")
  func endless() async throws {
    try await RunningServer.run { settings in
      settings.sessions = RealtimeSettings(maxPayloadBytes: 5_000)
    } _: { server in
      let client = try await RawClient.socketIO(port: server.port)
      try await client.send(ClientFrame(.text, [0x34], isFinal: false).bytes)
      let part = ClientFrame(.continuation, [65], isFinal: false).bytes
      try await client.send(Array(repeating: part, count: 5_000).flatMap(\.self))
      #expect(try await client.closeCode() == 1009)
    }
  }

  @Test("a message in parts with a character split between them arrives whole")
  func fragments() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient.socketIO(port: server.port)
      let text = Array(#"42["message","€"]"#.utf8)
      for (index, byte) in text.enumerated() {
        let opcode: FrameHead.Opcode = index == 0 ? .text : .continuation
        try await client.send(
          ClientFrame(opcode, [byte], isFinal: index == text.count - 1).bytes)
      }
      #expect(try await client.message() == #"42["message-back","€"]"#)
      client.close()
    }
  }

  @Test("bytes behind the request for a WebSocket are its first frames")
  func early() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient(
        port: server.port, webSocket: Self.target, extra: ClientFrame(.text, Array("40".utf8)).bytes
      )
      #expect(try await client.message().hasPrefix("0{"))
      #expect(try await client.message().hasPrefix("40{"))
      client.close()
    }
  }

  @Test("a later request of a connection may become a WebSocket, whatever came before")
  func late() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient(port: server.port)
      #expect(try await client.request("GET", "/first").body == "GET /first")
      let polled = try await client.request("GET", "/socket.io/?EIO=4&transport=polling")
      #expect(polled.body.hasPrefix("0{"))
      #expect(try await client.request("POST", "/second", body: "x").body == "POST /second")
      try await client.send(Array(RawClient.upgrade(Self.target).utf8))
      #expect(try await client.head().status == 101)
      #expect(try await client.message().hasPrefix("0{"))
      try await client.sendText("40")
      #expect(try await client.message().hasPrefix("40{"))
      for number in 0..<20 {
        try await client.sendText(#"42["message",\#(number)]"#)
        #expect(try await client.message() == #"42["message-back",\#(number)]"#)
      }
      try await client.send(ClientFrame(.close, []).bytes)
      #expect(try await client.frame().opcode == 8)
      try await client.end()
    }
  }

  @Test("a request that wants another protocol, or no WebSocket of ours, is answered by the server")
  func otherUpgrades() async throws {
    try await RunningServer.run { server in
      let upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
      let first = try await RawClient(port: server.port)
      #expect(try await first.request("GET", "/page", fields: upgrade).body == "GET /page")
      try await first.end()
      let second = try await RawClient(port: server.port)
      try await second.send(Array(RawClient.upgrade("/elsewhere").utf8))
      #expect(try await second.answer().body == "GET /elsewhere")
    }
  }

  /// The parser reads nothing behind such a request: whoever used the connection again would wait for ever.
  @Test(
    "E01 a WebSocket that is asked for wrongly is refused with 400, in HTTP, and the connection ends"
  )
  func refused() async throws {
    try await RunningServer.run { server in
      for target in [
        "/socket.io/?transport=websocket", "/socket.io/?EIO=3&transport=websocket",
        "/socket.io/?EIO=4&transport=abc", "/socket.io/?EIO=4&transport=polling",
        "/socket.io/?EIO=4&transport=websocket&sid=unknown",
        "/socket.io/?EIO=4&transport=websocket&sid=unknown_0",
        "/socket.io/?EIO=4&transport=websocket&sid=unknown_99999999999999999999",
      ] {
        let client = try await RawClient(port: server.port)
        try await client.send(Array(RawClient.upgrade(target).utf8))
        #expect(try await client.answer().status == 400, "\(target)")
        try await client.end()
      }
      #expect(server.hub.measurements.connections == 0)
    }
  }

  @Test("W11 a page of another origin is refused with 403 before anything is opened")
  func origins() async throws {
    try await RunningServer.run { server in
      for (origin, status) in [
        ("http://127.0.0.1", 101), ("https://evil.example", 403), ("null", 403),
      ] {
        let client = try await RawClient(port: server.port)
        try await client.send(
          Array(RawClient.upgrade(Self.target, "Origin: \(origin)\r\n").utf8))
        #expect(try await client.head().status == status, "\(origin)")
        client.close()
      }
    }
  }

  @Test("pipelined requests are answered in their order, whoever answers them")
  func pipelined() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient(port: server.port)
      let handshake = RawClient.head("GET", "/socket.io/?EIO=4&transport=polling")
      let wire = (0..<50).map { RawClient.head("GET", "/\($0)") + handshake }.joined()
      try await client.send(Array(wire.utf8))
      for number in 0..<50 {
        #expect(try await client.answer().body == "GET /\(number)")
        #expect(try await client.answer().body.hasPrefix("0{"))
      }
      client.close()
    }
  }

  @Test("compressed messages are taken, and large ones are sent compressed to those who take them")
  func compression() async throws {
    try await RunningServer.run { server in
      let client = try await RawClient.socketIO(
        port: server.port,
        fields: "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
      let long = String(repeating: "again and ", count: 500)
      let packed = TestDeflate.compress(Array(#"42["message","\#(long)"]"#.utf8))
      try await client.send(ClientFrame(.text, packed, reserved: 0x40).bytes)
      let frame = try await client.frame()
      #expect(frame.isCompressed && frame.payload.count < 500)
      #expect(
        try TestDeflate.decompress(frame.payload) == Array(#"42["message-back","\#(long)"]"#.utf8))
      try await client.sendText(#"42["message","short"]"#)
      #expect(try await client.frame().isCompressed == false)
      // Zeros beyond the limit, in a few bytes.
      let bomb = TestDeflate.compress([UInt8](repeating: 0x34, count: 10_000_000))
      try await client.send(ClientFrame(.text, bomb, reserved: 0x40).bytes)
      #expect(try await client.closeCode() == 1009)
    }
  }

  @Test("H16 clients that vanish without a word leave nothing behind")
  func vanish() async throws {
    try await RunningServer.run { server in
      for round in 0..<20 {
        let client = try await RawClient.socketIO(port: server.port)
        if round % 2 == 0 { try await client.send([0x81, 0xFE, 0x10]) }
        try await client.reset()
      }
      await server.application.until { $0.disconnected.count == 20 }
      await server.until { $0.connections == 0 }
      #expect(server.hub.measurements.sockets == 0)
    }
  }
}
