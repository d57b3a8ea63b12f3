// The cases of Socket.IO's official test suite that go beyond Engine.IO's.

import RealtimeProtocol
import Testing

@testable import RealtimeTransport

@Suite(.timeLimit(.minutes(2))) struct SocketSuiteTests {
  private static let target = "/socket.io/?EIO=4&transport=websocket"

  private static func run(_ body: @escaping @Sendable (RunningServer) async throws -> Void)
    async throws
  {
    try await RunningServer.run { settings in
      settings.sessions = RealtimeSettings(
        pingInterval: .milliseconds(300), pingTimeout: .seconds(2),
        connectTimeout: .seconds(1), namespaces: ["/", "/custom"])
    } _: { server in
      try await body(server)
    }
  }

  private static func open(_ server: RunningServer) async throws -> RawClient {
    let client = try await RawClient(port: server.port, webSocket: target)
    #expect(try await client.message().hasPrefix("0{"))
    return client
  }

  @Test("both namespaces are joined, with and without a payload, and others are refused")
  func namespaces() async throws {
    try await Self.run { server in
      for (packet, answer) in [
        ("40", "40{\"sid\":"), ("40{\"token\":\"123\"}", "40{\"sid\":"),
        ("40/custom,", "40/custom,{\"sid\":"), ("40/custom", "40/custom,{\"sid\":"),
        ("40/custom,{\"token\":\"abc\"}", "40/custom,{\"sid\":"),
        ("40/random", "44/random,{\"message\":\"Invalid namespace\"}"),
      ] {
        let client = try await Self.open(server)
        try await client.sendText(packet)
        #expect(try await client.message().hasPrefix(answer), "\(packet)")
        client.close()
      }
    }
  }

  @Test("a client that never joins, or joins wrongly, is closed")
  func noHandshake() async throws {
    // Without pings, whose missing answers would close it too.
    try await RunningServer.run { settings in
      settings.sessions = RealtimeSettings(connectTimeout: .seconds(1))
    } _: { server in
      let silent = try await Self.open(server)
      let wrong = try await Self.open(server)
      try await wrong.sendText("4abc")
      #expect(try await wrong.closeCode() == 1002)
      #expect(try await silent.closeCode() == 1008)
    }
  }

  @Test("leaving one namespace leaves the others, and leaving the last one leaves the connection")
  func leaving() async throws {
    try await Self.run { server in
      let client = try await RawClient.socketIO(port: server.port)
      try await client.sendText("40/custom")
      #expect(try await client.message().hasPrefix("40/custom,{"))
      try await client.sendText("41/custom")
      try await client.sendText(#"42["message","to the main namespace"]"#)
      #expect(try await client.message() == #"42["message-back","to the main namespace"]"#)
      try await client.sendText("41")
      // It is still pinged.
      #expect(try await client.frame().text == "2")
      client.close()
    }
  }

  @Test("events and acknowledgements travel with and without bytes")
  func events() async throws {
    try await Self.run { server in
      let client = try await RawClient.socketIO(port: server.port)
      try await client.sendText(#"42["message",1,"2",{"3":[true]}]"#)
      #expect(try await client.message() == #"42["message-back",1,"2",{"3":[true]}]"#)
      try await client.sendText(#"42456["message-with-ack",1,"2",{"3":[false]}]"#)
      #expect(try await client.message() == #"43456[1,"2",{"3":[false]}]"#)
      let places = #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#
      for (packet, answer) in [
        (#"452-["message",\#(places)]"#, #"452-["message-back",\#(places)]"#),
        (#"452-789["message-with-ack",\#(places)]"#, #"462-789[\#(places)]"#),
      ] {
        try await client.sendText(packet)
        for bytes in [[1, 2, 3], [4, 5, 6]] as [[UInt8]] {
          try await client.send(ClientFrame(.binary, bytes).bytes)
        }
        #expect(try await client.message() == answer)
        #expect(try await client.frame().payload == [1, 2, 3])
        #expect(try await client.frame().payload == [4, 5, 6])
      }
      client.close()
    }
  }

  @Test(
    "E07 what is no packet closes the connection",
    arguments: [
      "4abc", "42{}", #"42abc["message-with-ack",1,"2",{"3":[false]}]"#, "42[null]", "42[{}]",
      #"451-["message",{"_placeholder":true,"num":1}]"#, #"4599-["message"]"#, "4", "49[]",
      #"451-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
    ])
  func wrong(packet: String) async throws {
    try await Self.run { server in
      let client = try await RawClient.socketIO(port: server.port)
      try await client.sendText(packet)
      // Not 1000, as for a client that answers no pings.
      #expect(try await client.closeCode() == 1002)
    }
  }
}
