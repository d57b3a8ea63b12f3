// Pings, pongs, and silence.

import Testing

@testable import RealtimeProtocol

@Suite("heartbeat")
struct EngineHeartbeatTests {
  private func opened(_ transport: EngineTransport) -> EngineSession {
    EngineSession.open(id: "abc", transport: transport, settings: .suite, now: at(0)).session
  }

  @Test("a WebSocket is pinged an interval after each pong")
  func webSocket() {
    var session = opened(.websocket)
    #expect(session.deadline == at(300))
    #expect(session.tick(now: at(299)) == [])
    #expect(session.tick(now: at(300)) == [.write("2")])
    #expect(session.deadline == at(500))
    #expect(session.receive("3", now: at(350)) == [])
    #expect(session.deadline == at(650))
    #expect(session.tick(now: at(500)) == [])
    #expect(session.tick(now: at(650)) == [.write("2")])
  }

  @Test("a poll that waits gets the ping, and a push brings the pong")
  func polling() {
    var session = opened(.polling)
    for round in Int64(0)..<3 {
      let start = round * 310
      #expect(session.pollOpened(now: at(start)) == [])
      #expect(session.tick(now: at(start + 300)) == [.answer("2")])
      #expect(session.pushOpened(now: at(start + 310)) == [])
      #expect(session.receive(push: utf8("3"), now: at(start + 310)) == [.acceptPush])
    }
  }

  @Test("E05 without a pong the session ends an interval and a timeout after the handshake")
  func timeout() {
    var session = opened(.websocket)
    #expect(session.tick(now: at(300)) == [.write("2")])
    #expect(session.receive("4busy", now: at(450)) == [.message(.text(utf8("busy")[...]))])
    #expect(session.tick(now: at(499)) == [])
    #expect(
      session.tick(now: at(500)) == [
        .closeWebSocket(.pingTimeout), .closed(.pingTimeout), .finished,
      ])
    #expect(session.receive("3", now: at(501)) == [])
    #expect(session.webSocketClosed(now: at(502)) == [])
  }

  @Test("E05 a poll that comes after the timeout is refused, even before any timer")
  func latePoll() {
    var session = opened(.polling)
    #expect(session.tick(now: at(300)) == [])
    #expect(
      session.pollOpened(now: at(500)) == [
        .closed(.pingTimeout), .refuseRequest(.ended(.pingTimeout)), .finished,
      ])
  }

  @Test("a waiting poll is told of the timeout")
  func waitingPoll() {
    var session = opened(.polling)
    #expect(session.tick(now: at(300)) == [])
    #expect(session.pollOpened(now: at(310)) == [.answer("2")])
    #expect(session.pollOpened(now: at(320)) == [])
    #expect(
      session.tick(now: at(500)) == [.answer("1"), .closed(.pingTimeout), .finished])
  }

  @Test("pongs that nobody asked for put nothing off")
  func unaskedPong() {
    var session = opened(.websocket)
    #expect(session.receive("3", now: at(299)) == [])
    #expect(session.tick(now: at(300)) == [.write("2")])
  }

  @Test("a ping of the client is the wrong direction, and ends the session")
  func wrongDirection() {
    var session = opened(.websocket)
    #expect(
      session.receive("2", now: at(1)) == [
        .closeWebSocket(.parseError), .closed(.parseError), .finished,
      ])
  }

  @Test("C03 a clock at its end does not trap")
  func endOfTime() {
    let end = Moment(milliseconds: .max - 1)
    var session = EngineSession.open(
      id: "abc", transport: .websocket, settings: .suite, now: end
    ).session
    #expect(session.deadline == .never)
    #expect(session.tick(now: end) == [])
  }
}
