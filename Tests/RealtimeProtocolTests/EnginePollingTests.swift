// A session that polls.

import Testing

@testable import RealtimeProtocol

@Suite("polling")
struct EnginePollingTests {
  private func opened(_ settings: RealtimeSettings = .suite) -> EngineSession {
    EngineSession.open(id: "abc", transport: .polling, settings: settings, now: at(0)).session
  }

  @Test("the handshake names the session, its upgrades and the rules")
  func handshake() {
    let polling = EngineSession.open(id: "abc", transport: .polling, settings: .suite, now: at(0))
    let rules = #""pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#
    #expect(polling.actions == [.answer(#"0{"sid":"abc","upgrades":["websocket"],"# + rules)])
    let webSocket = EngineSession.open(
      id: "abc", transport: .websocket, settings: .suite, now: at(0))
    #expect(webSocket.actions == [.write(.text(utf8(#"0{"sid":"abc","upgrades":[],"# + rules)))])
    let fixed = EngineSession.open(
      id: "abc", transport: .polling, settings: RealtimeSettings(allowsUpgrades: false), now: at(0))
    #expect(
      fixed.actions == [
        .answer(
          #"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        )
      ])
  }

  @Test("messages that are pushed are handed on in order, and the push is answered last")
  func push() {
    var session = opened()
    #expect(session.pushOpened(now: at(1)) == [])
    let actions = session.receive(
      push: utf8("4test1\u{1E}6\u{1E}bAQIDBA==\u{1E}4test3"), now: at(1))
    #expect(
      actions == [
        .message(.text(utf8("test1")[...])), .message(.binary([1, 2, 3, 4])),
        .message(.text(utf8("test3")[...])), .acceptPush,
      ])
  }

  @Test("what is sent waits for the poll, and the poll waits for what is sent")
  func poll() {
    var session = opened()
    #expect(session.send(["4a", .binary([1, 2, 3, 4])], now: at(1)) == [])
    #expect(session.waitingBytes == 6)
    #expect(session.pollOpened(now: at(2)) == [.answer("4a\u{1E}bAQIDBA==")])
    #expect(session.waitingBytes == 0)
    #expect(session.pollOpened(now: at(3)) == [])
    #expect(session.send(["4b", "4c"], now: at(4)) == [.answer("4b\u{1E}4c")])
    #expect(session.send(["4d"], now: at(4)) == [])
    #expect(session.pollOpened(now: at(5)) == [.answer("4d")])
  }

  @Test("an answer holds no more than the largest payload, and the rest comes with the next")
  func largeAnswers() {
    var session = opened(RealtimeSettings(maxPayloadBytes: 10))
    #expect(session.send(["4aaaaa", "4bbb", "4ccc", "4dddddddddddd"], now: at(1)) == [])
    #expect(session.pollOpened(now: at(2)) == [.answer("4aaaaa\u{1E}4bbb")])
    #expect(session.pollOpened(now: at(2)) == [.answer("4ccc")])
    #expect(session.pollOpened(now: at(2)) == [.answer("4dddddddddddd")])
    #expect(session.pollOpened(now: at(2)) == [])
  }

  @Test(
    "E04 a push that is no payload closes the session, and is refused",
    arguments: ["abc", "", "4a\u{1E}", "\u{1E}\u{1E}", "2", "4a\u{1E}7"])
  func malformed(body: String) {
    var session = opened()
    #expect(session.pushOpened(now: at(1)) == [])
    let actions = session.receive(push: utf8(body), now: at(1))
    #expect(actions.contains(.closed(.parseError)))
    #expect(!session.isOpen)
    if body != "2" { #expect(actions.last == .refuseRequest(.badRequest)) }
    #expect(
      session.pollOpened(now: at(2)) == [.refuseRequest(.ended(.parseError)), .finished])
    #expect(session.pollOpened(now: at(3)) == [.refuseRequest(.unknownSession)])
    #expect(session.pushOpened(now: at(3)) == [.refuseRequest(.unknownSession)])
  }

  @Test("a push that is not UTF-8 closes the session")
  func notUTF8() {
    var session = opened()
    _ = session.pushOpened(now: at(1))
    #expect(
      session.receive(push: [UInt8(ascii: "4"), 0xC3], now: at(1))
        == [.closed(.parseError), .refuseRequest(.badRequest)])
  }

  @Test("E04 a push over the limit closes the session")
  func tooLarge() {
    var session = opened(RealtimeSettings(maxPayloadBytes: 3))
    _ = session.pushOpened(now: at(1))
    #expect(
      session.receive(push: utf8("4abc"), now: at(1))
        == [.closed(.payloadTooLarge), .refuseRequest(.badRequest)])
    var another = opened()
    _ = another.pushOpened(now: at(1))
    #expect(another.pushFailed(.payloadTooLarge, now: at(2)) == [.closed(.payloadTooLarge)])
  }

  @Test("two polls at once close the session: the first is told, the second refused")
  func twoPolls() {
    var session = opened()
    _ = session.pollOpened(now: at(1))
    #expect(
      session.pollOpened(now: at(5)) == [
        .answer("1"), .closed(.transportError), .finished, .refuseRequest(.badRequest),
      ])
    #expect(session.pollOpened(now: at(6)) == [.refuseRequest(.unknownSession)])
  }

  @Test("two pushes at once close the session, and both are refused")
  func twoPushes() {
    var session = opened()
    _ = session.pushOpened(now: at(1))
    #expect(
      session.pushOpened(now: at(2)) == [
        .closed(.transportError), .refuseRequest(.badRequest),
      ])
    #expect(
      session.receive(push: utf8("4a"), now: at(3)) == [
        .refuseRequest(.ended(.transportError))
      ])
  }

  @Test("a poll that breaks off ends the session, since its answer may be lost")
  func brokenPoll() {
    var session = opened()
    _ = session.pollOpened(now: at(1))
    #expect(session.pollClosed(now: at(2)) == [.closed(.transportError)])
    #expect(session.pollClosed(now: at(2)) == [])
    #expect(session.tick(now: at(202)) == [.finished])
  }

  @Test("the client closes: its waiting poll is let go, and the session is unknown")
  func clientCloses() {
    var session = opened()
    _ = session.pollOpened(now: at(1))
    _ = session.pushOpened(now: at(2))
    #expect(
      session.receive(push: utf8("1\u{1E}4late"), now: at(2)) == [
        .answer("6"), .closed(.transportClose), .finished, .acceptPush,
      ])
    #expect(session.pollOpened(now: at(3)) == [.refuseRequest(.unknownSession)])
  }

  @Test("the client closes before its poll arrives: the poll is still let go, once")
  func clientClosesFirst() {
    var session = opened()
    _ = session.send(["4unread"], now: at(1))
    _ = session.pushOpened(now: at(2))
    #expect(
      session.receive(push: utf8("1"), now: at(2)) == [.closed(.transportClose), .acceptPush])
    #expect(session.pollOpened(now: at(3)) == [.answer("6"), .finished])
    #expect(session.pollOpened(now: at(4)) == [.refuseRequest(.unknownSession)])
  }

  @Test("the server closes: what waits still reaches the client, with the end behind it")
  func serverCloses() {
    var session = opened()
    _ = session.send(["4last"], now: at(1))
    #expect(session.close(.serverShuttingDown, now: at(2)) == [.closed(.serverShuttingDown)])
    #expect(session.send(["4late"], now: at(2)) == [])
    #expect(session.close(.forcedClose, now: at(2)) == [])
    #expect(session.deadline == at(202))
    #expect(session.pollOpened(now: at(3)) == [.answer("4last\u{1E}1"), .finished])

    var waiting = opened()
    _ = waiting.pollOpened(now: at(1))
    #expect(
      waiting.close(.forcedClose, now: at(2)) == [
        .answer("1"), .closed(.forcedClose), .finished,
      ])
  }

  @Test("D1 an answer holds no more packets than python-engineio takes, also when the session ends")
  func manyPackets() {
    var session = opened()
    _ = session.send((0..<20).map { .text(utf8("4\($0)")) }, now: at(1))
    let first = (0..<16).map { "4\($0)" }.joined(separator: "\u{1E}")
    #expect(session.pollOpened(now: at(2)) == [.answer(first)])
    _ = session.send((20..<36).map { .text(utf8("4\($0)")) }, now: at(3))
    #expect(session.close(.forcedClose, now: at(4)) == [.closed(.forcedClose)])
    let second = (16..<32).map { "4\($0)" }.joined(separator: "\u{1E}")
    #expect(session.pollOpened(now: at(5)) == [.answer(second)])
    #expect(
      session.pollOpened(now: at(6)) == [
        .answer("432\u{1E}433\u{1E}434\u{1E}435\u{1E}1"), .finished,
      ])
  }

  @Test("a client that never asks again is forgotten")
  func forgotten() {
    var session = opened()
    _ = session.close(.forcedClose, now: at(10))
    #expect(session.tick(now: at(209)) == [])
    #expect(session.tick(now: at(210)) == [.finished])
    #expect(session.tick(now: at(9_999)) == [])
    #expect(session.deadline == .never)
  }

  @Test("W10 a client that does not poll is cut off at the limit of bytes, and told why")
  func slowReaderBytes() {
    var session = opened(RealtimeSettings(bufferLimitBytes: 10))
    #expect(session.send(["4aaaaaaaaa"], now: at(1)) == [])
    #expect(session.send(["4"], now: at(1)) == [.closed(.slowReader)])
    #expect(session.waitingBytes == 0)
    #expect(session.pollOpened(now: at(2)) == [.refuseRequest(.ended(.slowReader)), .finished])
  }

  @Test("W10 a client that does not poll is cut off at the limit of frames")
  func slowReaderFrames() {
    var session = opened(RealtimeSettings(bufferLimitFrames: 3))
    #expect(session.send(["4", "4", "4"], now: at(1)) == [])
    #expect(session.send(["4"], now: at(1)) == [.closed(.slowReader)])
  }
}
