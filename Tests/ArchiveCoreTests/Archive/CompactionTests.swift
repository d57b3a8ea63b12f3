// Compaction, sweeping, and being killed at every step.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Compaction and sweeping")
struct CompactionTests {
  static var eager: LogSettings {
    var settings = HistoryTests.smallPieces
    settings.orphanGrace = .seconds(100)
    return settings
  }

  /// Six flushes of two conversations, each into a shared pack.
  private func drip(_ fixture: LogFixture, rounds: Int = 6) async throws {
    for round in 0..<rounds {
      for number in 1...2 {
        try await fixture.send("round \(round)", to: fixture.conversation(UInt64(number)))
      }
      try await fixture.log.flush(nil)
    }
  }

  @Test(
    "A6 blocks move from packs into segments, and packs without readers are deleted after a grace")
  func compaction() async throws {
    let fixture = try await LogFixture(Self.eager)
    try await drip(fixture)
    #expect(try await fixture.keys("packs/").count == 6)
    try await fixture.whileRunning { () async throws in
      await fixture.clock.advance(by: .seconds(6))
      #expect(try await fixture.keys("conversations/").count == 2)
      #expect(try await fixture.keys("packs/").count == 6)
      #expect(try await fixture.verify().problems == [])
      await fixture.clock.advance(by: .seconds(110))
      #expect(try await fixture.keys("packs/").isEmpty)
    }
    for number in 1...2 {
      let messages = try await fixture.allMessages(fixture.conversation(UInt64(number)))
      #expect(messages.map(\.text) == (0..<6).map { "round \($0)" })
    }
    let report = try await fixture.verify()
    #expect(report.problems == [] && report.orphans == [] && report.segments == 2)
  }

  @Test("A6 the number of objects grows with a conversation's size, not with its age")
  func objectsGrowWithSize() async throws {
    let fixture = try await LogFixture(Self.eager)
    try await fixture.whileRunning { () async throws in
      for number in 0..<120 {
        try await fixture.send("\(number)")
        try await fixture.log.flush(nil)
        await fixture.clock.advance(by: .seconds(5))
      }
      await fixture.clock.advance(by: .seconds(130))
    }
    // 120 lines of about 250 bytes in segments of 12,000, and what was not compacted yet.
    #expect(try await fixture.keys().count <= 3 + 4 + 4)
    #expect(try await fixture.allMessages().count == 120)
    #expect(try await fixture.verify().problems == [])
  }

  @Test(
    "S12 a process killed at any step loses, doubles and reorders nothing",
    arguments: FaultPoint.allCases, [1, 2])
  func killedAtStep(point: FaultPoint, occurrence: Int) async throws {
    let kill = KillSwitch(point, occurrence)
    var settings = Self.eager
    settings.snapshotRenewal = .seconds(60)
    let fixture = try await LogFixture(
      settings, others: LogFixture.others, reached: { await kill.reached($0) })
    let doomed = Task {
      for round in 0..<8 {
        try await fixture.write(["id": .string("\(round)")], into: "people")
        for number in 1...3 {
          try await fixture.send(
            "round \(round)", to: fixture.conversation(UInt64(number)), clientID: "\(round)")
        }
        try await fixture.log.flush(nil)
      }
      await fixture.log.run()
    }
    // Either the process hangs at the point for ever, as good as dead, or works through everything.
    for _ in 0..<60 where !kill.isHit { await fixture.clock.advance(by: .seconds(5)) }
    #expect(kill.isHit)
    let next = fixture.reopened()
    next.clock.setWallClock(next.clock.now.advanced(by: .seconds(120)))
    try await next.whileRunning { () async throws in
      for round in 0..<8 {
        for number in 1...3 {
          try await next.send(
            "round \(round)", to: next.conversation(UInt64(number)), clientID: "\(round)")
        }
      }
      for _ in 0..<30 { await next.clock.advance(by: .seconds(10)) }
    }
    for number in 1...3 {
      let messages = try await next.allMessages(next.conversation(UInt64(number)))
      #expect(messages.map(\.text) == (0..<8).map { "round \($0)" })
      #expect(messages.map(\.entry.seq) == Array(1...8))
    }
    let report = try await next.verify()
    #expect(report.problems == [])
    #expect(report.orphans == [])
    let restored = try await next.restored().contents()
    #expect(try restored.states == next.contents().states)
    #expect(try restored.documents["people"] == next.contents().documents["people"])
    kill.letGo()
    doomed.cancel()
    _ = try? await doomed.value
    #expect(try await next.verify().problems == [], "a process that wakes up late does harm")
  }

  @Test("A6 a key that a stalled sweep is about to delete is not put again before it has")
  func stalledSweep() async throws {
    let fixture = try await LogFixture(Self.eager)
    try await fixture.send("one")
    // The put works, its commit does not: an orphan, noted as unreferred.
    fixture.documents.plan(.transact, [nil, .failBefore])
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    let key = try #require(try await fixture.keys().first)
    _ = try fixture.memory.update(
      Update("retiredObjects", where: .id(key), [.set("isDeleting", .bool(true))]))
    // The same entries make the same key, which must wait for the sweep.
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    #expect(try await fixture.texts() == ["one"])
    try await fixture.whileRunning { () async throws in
      await fixture.clock.advance(by: .seconds(400))
    }
    #expect(try await fixture.keys() == [key])
    let report = try await fixture.verify()
    #expect(report.problems == [] && report.orphans == [] && report.archivedEntries == 1)
  }
}
