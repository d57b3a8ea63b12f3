// Sessions that are told anything, in any order.

import ArchiveTesting
import Testing

@testable import RealtimeProtocol

/// Tells a session random things and watches what must hold of its answers.
private struct Hostile {
  var session: RealtimeSession
  var generator: SeededGenerator
  var now: Int64 = 0
  var closed = 0
  var finished = 0
  var asked: [String] = []
  var acceptedCount = 0
  var leftCount = 0

  static let texts = [
    "40", "40/custom,", "41", "41/custom", "3", "2", "2probe", "5", "6", "1", "0", "", "4", "x",
    "42[\"a\"]",
    "4212[\"a\",{\"b\":[1]}]", "42/custom,[\"a\"]", "431[]", "430[]",
    "451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "452-[\"a\"]", "42[", "bAQI=", "b",
  ]

  init(_ generator: SeededGenerator) {
    self.generator = generator
    let settings = RealtimeSettings(
      pingInterval: .milliseconds(300), pingTimeout: .milliseconds(200),
      upgradeTimeout: .milliseconds(150), connectTimeout: .milliseconds(400),
      attachmentTimeout: .milliseconds(100), maxPayloadBytes: 200, bufferLimitBytes: 300,
      bufferLimitFrames: 20, namespaces: ["/", "/custom"], awaitedAcknowledgementLimit: 3)
    let transport: EngineTransport = self.generator.oneIn(2) ? .polling : .websocket
    session =
      RealtimeSession.open(id: "abc", transport: transport, settings: settings, now: at(0))
      .session
  }

  private mutating func text() -> [UInt8] {
    // Mostly what makes sense, so that sessions live long enough to reach all of their states.
    if generator.oneIn(3) { return utf8(generator.pick(Self.texts)) }
    return utf8(generator.pick(["3", "42[\"a\"]", "40", "421[\"a\"]", "6"]))
  }

  private mutating func frame() -> EngineFrame {
    generator.oneIn(8) ? .binary(Array(repeating: 1, count: generator.int(0...60))) : .text(text())
  }

  mutating func step() {
    now += Int64(generator.int(0...40))
    let actions = call()
    #expect(finished == 0 || actions.allSatisfy(Self.isRefusal), "\(actions)")
    note(actions)
    if session.deadline <= at(now) { note(session.tick(now: at(now))) }
    #expect(session.deadline > at(now), "a tick does what was due")
    #expect(session.isOpen == (closed == 0))
    #expect(session.waitingBytes <= 300 + 200)
  }

  private mutating func call() -> [RealtimeAction] {
    switch generator.int(0...18) {
    case 0...4: session.receive(frame(), now: at(now))
    case 5...7: session.pollOpened(now: at(now))
    case 8 where generator.oneIn(5): session.pollClosed(now: at(now))
    case 9: session.pushOpened(now: at(now))
    case 10, 11: session.receive(push: text() + [0x1E] + text(), now: at(now))
    case 12: session.probeOpened(now: at(now))
    case 13: session.receiveProbe(generator.pick(["2probe", "5", "4x"]), now: at(now))
    case 14: session.send(.event("e", ["x", .binary([1])]), now: at(now))
    case 15: session.sendAwaitingAcknowledgement("e", [], now: at(now)).actions
    case 16: decide()
    case 17 where generator.oneIn(4): rare()
    default: session.tick(now: at(now))
    }
  }

  private mutating func decide() -> [RealtimeAction] {
    guard let namespace = asked.popLast() else { return [] }
    if generator.oneIn(4) { return session.refuse(namespace, message: "no", now: at(now)) }
    acceptedCount += 1
    return session.accept(namespace, socketID: "s\(acceptedCount)", now: at(now))
  }

  private mutating func rare() -> [RealtimeAction] {
    switch generator.int(0...6) {
    case 0: session.probeClosed(now: at(now))
    case 1: session.webSocketClosed(now: at(now))
    case 2: session.pushFailed(.transportError, now: at(now))
    case 3: session.close(.forcedClose, now: at(now))
    case 4: session.fail(.slowReader, now: at(now))
    default: session.disconnect("/", now: at(now))
    }
  }

  mutating func note(_ actions: [RealtimeAction]) {
    for action in actions {
      switch action {
      case .transport(.closed):
        closed += 1
      case .transport(.finished): finished += 1
      case .transport(.message): Issue.record("messages are for the engine alone")
      case .connect(let namespace, _): asked.append(namespace)
      case .disconnected: leftCount += 1
      case .event, .acknowledged: #expect(closed == 0, "nothing is said behind the end")
      default: break
      }
    }
  }

  private static func isRefusal(_ action: RealtimeAction) -> Bool {
    switch action {
    case .transport(.refuseRequest), .disconnected: true
    default: false
    }
  }

  /// Time goes on until the session is forgotten.
  mutating func end() {
    for _ in 0..<10 {
      now += 1_000
      note(session.tick(now: at(now)))
    }
    while let namespace = asked.popLast() {
      acceptedCount += 1
      note(session.accept(namespace, socketID: "s\(acceptedCount)", now: at(now)))
    }
  }
}

@Suite("sessions that are told anything")
struct HostileSessionTests {
  @Test("a session ends once, is forgotten once, and every namespace that was joined is left once")
  func invariants() {
    var seeds = SeededGenerator.fromEnvironment("hostile sessions")
    for _ in 0..<3_000 {
      var hostile = Hostile(SeededGenerator(seed: seeds.next()))
      for _ in 0..<seeds.int(1...80) { hostile.step() }
      hostile.end()
      #expect(hostile.closed == 1)
      #expect(hostile.finished == 1)
      #expect(hostile.leftCount == hostile.acceptedCount)
    }
  }

  @Test("random bytes end a session or do nothing")
  func randomBytes() {
    var generator = SeededGenerator.fromEnvironment("random frames")
    for _ in 0..<5_000 {
      var client = Driven(.websocket)
      client.say("40")
      for _ in 0..<5 {
        var bytes = utf8(generator.pick(Hostile.texts))
        for _ in 0..<generator.int(0...4) where !bytes.isEmpty {
          bytes[generator.int(0...bytes.count - 1)] = UInt8(generator.int(0...255))
        }
        // A transport hands on valid UTF-8 only; what is not, must do no harm either.
        client.say(.text(bytes))
      }
      #expect(client.others.filter { $0 == .transport(.finished) }.count <= 1)
    }
  }
}
