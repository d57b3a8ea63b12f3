// A node that stalls in the middle of archiving, and nodes whose clocks are wrong.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Taking over")
struct TakeoverTests {
  @Test(
    "A2 S12 a node that stalls at any step is taken over from, and does no harm when it wakes up",
    arguments: FaultPoint.allCases, [1, 2])
  func stalledAtStep(point: FaultPoint, occurrence: Int) async throws {
    let kill = KillSwitch(point, occurrence)
    let a = try await LogFixture(
      CompactionTests.eager, isShared: true, others: LogFixture.others,
      reached: { await kill.reached($0) })
    let b = a.node()
    let stalling = Task {
      for round in 0..<8 {
        try await a.write(["id": .string("\(round)")], into: "people")
        for number in 1...3 {
          try await a.send("\(round)", to: a.conversation(UInt64(number)), clientID: "\(round)")
        }
        // Who was taken over from is told so.
        try? await a.log.flush(nil)
      }
      await a.log.run()
    }
    for _ in 0..<60 where !kill.isHit { await a.clock.advance(by: .seconds(5)) }
    #expect(kill.isHit)
    try await LogFixture.whileRunning([b]) { () async throws in
      for round in 0..<8 {
        for number in 1...3 {
          try await b.send("\(round)", to: b.conversation(UInt64(number)), clientID: "\(round)")
        }
      }
      for _ in 0..<30 { await b.clock.advance(by: .seconds(10)) }
      #expect(try await b.verify().problems == [])
      #expect(b.log.measurements.bufferedConversations == 0)
      kill.letGo()
      for _ in 0..<30 { await b.clock.advance(by: .seconds(10)) }
      #expect(a.log.measurements.bufferedConversations == 0)
    }
    stalling.cancel()
    _ = try? await stalling.value
    for number in 1...3 {
      let messages = try await b.allMessages(b.conversation(UInt64(number)))
      #expect(messages.map(\.text) == (0..<8).map { "\($0)" })
      #expect(messages.map(\.entry.seq) == Array(1...8))
    }
    let report = try await b.verify()
    #expect(report.problems == [] && report.orphans == [])
    let restored = try await b.restored().contents()
    #expect(try restored.documents["people"] == b.contents().documents["people"])
    #expect(try restored.states == b.contents().states)
  }

  @Test(
    "C03 a node whose clock is wrong neither robs the one that archives nor is robbed by it",
    arguments: [3600, -3600])
  func noRobbery(seconds: Int) async throws {
    let a = try await LogFixture(isShared: true)
    let b = a.node(clockAhead: .seconds(seconds))
    for (holder, other) in [(a, b), (b, a)] {
      try await holder.send("one")
      try await other.send("two", to: a.conversation(2))
      a.objects.failNext(.put, .hold)
      let flush = Task { try await holder.log.flush(nil) }
      await a.objects.waitUntilHeld()
      let waiting = Task { try await other.log.flush(nil) }
      await a.clock.waitForSleepers(1)
      await a.clock.advance(by: .seconds(30))
      a.objects.release()
      try await flush.value
      await a.clock.advance(by: .seconds(1))
      try await waiting.value
    }
    #expect(try await a.verify().problems == [])
  }

  @Test(
    "C03 the lease of a dead node whose clock was wrong is free after one lifetime",
    arguments: [3600, -3600, 0])
  func deadHolder(seconds: Int) async throws {
    let kill = KillSwitch(.flushEncoded, 1)
    let b = try await LogFixture(isShared: true)
    let a = b.node(clockAhead: .seconds(seconds), reached: { await kill.reached($0) })
    try await LogFixture.whileRunning([b]) { () async throws in
      try await a.send("one")
      let doomed = Task { try await a.log.flush(nil) }
      await eventually { kill.isHit }
      await b.clock.advance(by: .seconds(20 + 5))
      #expect(try await b.keys().isEmpty)
      await b.clock.advance(by: .seconds(60 + 5))
      #expect(try await b.keys().count == 1)
      kill.letGo()
      await #expect(throws: StoreError.self) { try await doomed.value }
    }
    #expect(try await b.texts() == ["one"])
    #expect(try await b.verify().problems == [])
  }

  @Test("S13 a holder that renews its lease keeps it for as long as it works")
  func renewal() async throws {
    var settings = LogSettings()
    settings.segmentBytes = 100
    settings.compactedBytes = 400
    let a = try await LogFixture(settings, isShared: true)
    let b = a.node()
    for number in 1...12 { try await a.send("text \(number)") }
    a.objects.failNext(.put, .hold)
    let flush = Task { try await a.log.flush(nil) }
    await a.objects.waitUntilHeld()
    let waiting = Task { try await b.log.flush(nil) }
    for _ in 0..<2 {
      await a.clock.advance(by: .seconds(40))
      a.objects.failNext(.put, .hold)
      a.objects.release()
      await a.objects.waitUntilHeld()
    }
    a.objects.follow(.scripted([:]))
    a.objects.release()
    try await flush.value
    await a.clock.advance(by: .seconds(1))
    _ = try? await waiting.value
    #expect(a.log.measurements.archivedEntries == 12)
    #expect(try await a.verify().problems == [])
  }
}
