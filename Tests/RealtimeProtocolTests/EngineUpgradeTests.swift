// From polling to a WebSocket.

import Testing

@testable import RealtimeProtocol

@Suite("upgrade")
struct EngineUpgradeTests {
  private func opened(_ settings: RealtimeSettings = .suite) -> EngineSession {
    EngineSession.open(id: "abc", transport: .polling, settings: settings, now: at(0)).session
  }

  private func probed() -> EngineSession {
    var session = opened()
    _ = session.probeOpened(now: at(1))
    _ = session.receiveProbe("2probe", now: at(2))
    return session
  }

  @Test("a probe is answered, polls are let go, and the WebSocket takes over")
  func upgrades() {
    var session = opened()
    #expect(session.probeOpened(now: at(1)) == [])
    #expect(session.receiveProbe("2probe", now: at(2)) == [.writeProbe("3probe")])
    #expect(session.pollOpened(now: at(3)) == [.answer("6")])
    #expect(session.receiveProbe("5", now: at(4)) == [.adoptProbe])
    #expect(session.transport == .websocket)
    #expect(session.receive("4hello", now: at(5)) == [.message(.text(utf8("hello")[...]))])
    #expect(session.send(["4a"], now: at(6)) == [.write("4a")])
  }

  @Test("a poll that waits is let go when the probe comes")
  func waitingPoll() {
    var session = opened()
    _ = session.pollOpened(now: at(1))
    _ = session.probeOpened(now: at(2))
    #expect(session.receiveProbe("2probe", now: at(3)) == [.writeProbe("3probe"), .answer("6")])
  }

  @Test("what was not polled before the upgrade comes over the WebSocket, once")
  func flush() {
    var session = probed()
    #expect(session.send(["4a", .binary([1])], now: at(3)) == [])
    #expect(session.pollOpened(now: at(4)) == [.answer("4a\u{1E}bAQ==")])
    #expect(session.send(["4b", .binary([2])], now: at(5)) == [])
    #expect(
      session.receiveProbe("5", now: at(6)) == [
        .adoptProbe, .write("4b"), .write(.binary([2])),
      ])
    #expect(session.waitingBytes == 0)
  }

  @Test(
    "E02 requests and WebSockets with the same identifier are refused afterwards, and it goes on")
  func afterwards() {
    var session = probed()
    #expect(session.receiveProbe("5", now: at(4)) == [.adoptProbe])
    #expect(session.pollOpened(now: at(5)) == [.refuseRequest(.badRequest)])
    #expect(session.pushOpened(now: at(5)) == [.refuseRequest(.badRequest)])
    #expect(session.probeOpened(now: at(5)) == [.refuseRequest(.badRequest)])
    #expect(session.receive("4hello", now: at(6)) == [.message(.text(utf8("hello")[...]))])
  }

  @Test("E02 only one WebSocket at a time may ask for a session")
  func twoProbes() {
    var session = opened()
    #expect(session.probeOpened(now: at(1)) == [])
    #expect(session.probeOpened(now: at(1)) == [.refuseRequest(.badRequest)])
    session.probeClosed()
    #expect(session.probeOpened(now: at(2)) == [])
  }

  @Test(
    "a probe that says anything else is closed, and the session polls on",
    arguments: ["4hello", "5", "2", "3", "1", "6", "x", ""])
  func wrongProbe(frame: String) {
    var session = opened()
    _ = session.probeOpened(now: at(1))
    #expect(session.receiveProbe(.text(utf8(frame)), now: at(2)) == [.closeProbe])
    #expect(session.receiveProbe("2probe", now: at(3)) == [])
    _ = session.send(["4a"], now: at(4))
    #expect(session.pollOpened(now: at(5)) == [.answer("4a")])
  }

  @Test("a binary message before the upgrade is no probe")
  func binaryProbe() {
    var session = probed()
    #expect(session.receiveProbe(.binary(utf8("5")), now: at(3)) == [.closeProbe])
    #expect(session.transport == .polling)
  }

  @Test("an upgrade that is not finished in time is given up, and the session polls on")
  func timeout() {
    let settings = RealtimeSettings(upgradeTimeout: .seconds(1))
    var session = opened(settings)
    _ = session.probeOpened(now: at(100))
    _ = session.receiveProbe("2probe", now: at(200))
    #expect(session.deadline == at(1_100))
    #expect(session.tick(now: at(1_099)) == [])
    #expect(session.tick(now: at(1_100)) == [.closeProbe])
    #expect(session.receiveProbe("5", now: at(1_101)) == [])
    #expect(session.pollOpened(now: at(1_102)) == [])
    #expect(session.send(["4a"], now: at(1_103)) == [.answer("4a")])
  }

  @Test("a session that ends while it is asked for closes both")
  func endsMeanwhile() {
    var session = probed()
    #expect(
      session.close(.forcedClose, now: at(3)) == [.closeProbe, .closed(.forcedClose)])
    #expect(session.receiveProbe("5", now: at(4)) == [])
    #expect(session.probeOpened(now: at(4)) == [.refuseRequest(.unknownSession)])
  }

  @Test("a push that was on its way during the upgrade is refused without an end")
  func crossingPush() {
    var session = opened()
    _ = session.pushOpened(now: at(1))
    _ = session.probeOpened(now: at(1))
    _ = session.receiveProbe("2probe", now: at(2))
    _ = session.receiveProbe("5", now: at(3))
    #expect(session.receive(push: utf8("4a"), now: at(4)) == [.refuseRequest(.badRequest)])
    #expect(session.isOpen)
  }

  @Test("no upgrade where none is allowed")
  func notAllowed() {
    var session = opened(RealtimeSettings(allowsUpgrades: false))
    #expect(session.probeOpened(now: at(1)) == [.refuseRequest(.badRequest)])
  }
}
