// A session that has a WebSocket from its beginning.

import Testing

@testable import RealtimeProtocol

@Suite("a WebSocket session")
struct EngineWebSocketTests {
  private func opened(_ settings: RealtimeSettings = .suite) -> EngineSession {
    EngineSession.open(id: "abc", transport: .websocket, settings: settings, now: at(0)).session
  }

  @Test("messages come in and go out at once")
  func messages() {
    var session = opened()
    #expect(session.writesDirectly)
    #expect(session.receive("4hello", now: at(1)) == [.message(.text(utf8("hello")[...]))])
    #expect(session.receive(.binary([1, 2]), now: at(1)) == [.message(.binary([1, 2]))])
    #expect(
      session.send(["4a", .binary([3])], now: at(2)) == [.write("4a"), .write(.binary([3]))])
    #expect(session.waitingBytes == 0)
  }

  @Test("what is no packet ends the session", arguments: ["abc", "", "7", "b!"])
  func malformed(frame: String) {
    var session = opened()
    #expect(
      session.receive(.text(utf8(frame)), now: at(1)) == [
        .closeWebSocket(.parseError), .closed(.parseError), .finished,
      ])
    #expect(!session.writesDirectly)
    #expect(session.send(["4a"], now: at(2)) == [])
  }

  @Test("packets without a meaning here are passed over", arguments: ["0", "5", "6", "3"])
  func harmless(frame: String) {
    var session = opened()
    #expect(session.receive(.text(utf8(frame)), now: at(1)) == [])
    #expect(session.isOpen)
  }

  @Test("the client closes, with a packet or without")
  func closes() {
    var orderly = opened()
    #expect(
      orderly.receive("1", now: at(1)) == [
        .closeWebSocket(.transportClose), .closed(.transportClose), .finished,
      ])
    var abrupt = opened()
    #expect(
      abrupt.webSocketClosed(now: at(1)) == [
        .closeWebSocket(.transportClose), .closed(.transportClose), .finished,
      ])
    #expect(abrupt.webSocketClosed(now: at(1)) == [])
  }

  @Test("a message over the limit ends the session")
  func tooLarge() {
    var session = opened(RealtimeSettings(maxPayloadBytes: 4))
    #expect(session.receive("4abc", now: at(1)) == [.message(.text(utf8("abc")[...]))])
    #expect(
      session.receive(.binary([1, 2, 3, 4, 5]), now: at(1)).contains(.closed(.payloadTooLarge)))
  }

  @Test("E02 requests that poll or probe a WebSocket session are refused, and it goes on")
  func otherTransports() {
    var session = opened()
    #expect(session.pollOpened(now: at(1)) == [.refuseRequest(.badRequest)])
    #expect(session.pushOpened(now: at(1)) == [.refuseRequest(.badRequest)])
    #expect(session.receive(push: utf8("4a"), now: at(1)) == [.refuseRequest(.badRequest)])
    #expect(session.probeOpened(now: at(1)) == [.refuseRequest(.badRequest)])
    #expect(session.receiveProbe("2probe", now: at(1)) == [])
    #expect(session.pollClosed(now: at(1)) == [])
    #expect(session.pushFailed(.transportError, now: at(1)) == [])
    #expect(session.isOpen)
  }
}
