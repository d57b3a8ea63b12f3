// Every order in which polls, frames and an upgrade can meet.

import ArchiveTesting
import Testing

@testable import RealtimeProtocol

/// A client that polls, upgrades when it likes, and notes what it gets; and a server that numbers what it sends.
private struct UpgradingClient {
  var session: EngineSession
  var generator: SeededGenerator
  var received: [String] = []
  var sent = 0
  var isPolling = false
  var isProbing = false
  var isConfirmed = false
  var isUpgraded = false

  init(_ generator: SeededGenerator) {
    self.generator = generator
    let settings = RealtimeSettings(maxPayloadBytes: 12)
    session =
      EngineSession.open(
        id: "abc", transport: .polling, settings: settings, now: at(0)
      ).session
  }

  /// Does one thing that a right client and a right server may do now.
  mutating func step() {
    switch generator.int(0...5) {
    case 0, 1: send()
    case 2 where !isPolling && !isUpgraded:
      isPolling = true
      note(session.pollOpened(now: at(1)))
    case 3 where !isProbing && !isUpgraded:
      isProbing = true
      note(session.probeOpened(now: at(1)))
      note(session.receiveProbe("2probe", now: at(1)))
    case 4 where isProbing && generator.oneIn(3):
      // The WebSocket is lost on the way.
      session.probeClosed()
      (isProbing, isConfirmed) = (false, false)
    // A client goes over only when no poll of its own is open.
    case 5 where isConfirmed && !isPolling: goOver()
    default: break
    }
  }

  mutating func goOver() {
    note(session.receiveProbe("5", now: at(1)))
  }

  mutating func send() {
    let frame: EngineFrame =
      generator.oneIn(4) ? .binary(utf8("\(sent)")) : .text(utf8("4\(sent)"))
    sent += 1
    note(session.send([frame], now: at(1)))
  }

  mutating func note(_ actions: [EngineAction]) {
    for action in actions {
      switch action {
      case .answerPoll(let body):
        isPolling = false
        for packet in PollingPayload(body).map(Array.init) ?? [] { note(packet) }
      case .write(let frame): note(EnginePacket(frame).map { .success($0) } ?? .failure(.init()))
      case .writeProbe: isConfirmed = true
      case .adoptProbe: (isUpgraded, isProbing, isConfirmed) = (true, false, false)
      default: received.append("unexpected \(action)")
      }
    }
  }

  mutating func note(_ packet: Result<EnginePacket, PollingPayload.Malformed>) {
    switch packet {
    case .success(.message(.text(let bytes))): received.append(text(bytes))
    case .success(.message(.binary(let bytes))): received.append(text(bytes))
    case .success(.noop): break
    default: received.append("unexpected \(packet)")
    }
  }

  /// Polls, or listens, until nothing is left.
  mutating func drain() {
    while !isUpgraded, session.waitingBytes > 0 {
      isPolling = true
      note(session.pollOpened(now: at(1)))
    }
  }
}

@Suite("upgrade in any order")
struct UpgradePropertyTests {
  @Test("D1 nothing is lost, doubled or reordered, however polls, frames and the upgrade meet")
  func anyOrder() {
    var seeds = SeededGenerator.fromEnvironment("upgrade")
    var upgrades = 0
    for _ in 0..<3_000 {
      var client = UpgradingClient(SeededGenerator(seed: seeds.next()))
      for _ in 0..<seeds.int(1...60) { client.step() }
      client.drain()
      #expect(client.received == (0..<client.sent).map(String.init))
      upgrades += client.isUpgraded ? 1 : 0
    }
    #expect(upgrades > 500, "the upgrade happens often enough to be tested")
  }
}
