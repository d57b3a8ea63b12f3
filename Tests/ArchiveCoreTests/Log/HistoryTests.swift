// Reading: both directions, across buffer, packs and segments, while flushes commit.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Reading history")
struct HistoryTests {
  /// Small blocks and segments, so that few messages cross many borders.
  static var smallPieces: LogSettings {
    var settings = LogSettings()
    settings.blockBytes = 600
    settings.segmentBytes = 4000
    settings.compactedBytes = 12_000
    settings.compactionParts = 4
    return settings
  }

  @Test("C3 A3 pages in both directions give every message once, in order, wherever it lies")
  func bothDirections() async throws {
    let fixture = try await LogFixture(Self.smallPieces)
    var random = SeededGenerator.fromEnvironment("bothDirections")
    var expected: [String] = []
    for _ in 0..<12 {
      for _ in 0..<random.int(1...25) {
        let text = "text \(expected.count)"
        try await fixture.send(text)
        expected.append(text)
      }
      if random.oneIn(4) == false { try await fixture.log.flush(nil) }
    }
    for limit in [1, 2, 7, 50, 1000] {
      #expect(try await fixture.allMessages(limit: limit).map(\.text) == expected)
      #expect(try await fixture.allMessagesBackwards(limit: limit).map(\.text) == expected)
    }
    #expect(try await fixture.verify().isGood)
  }

  @Test("C3 places outside the conversation give empty pages and never an error")
  func strangePlaces() async throws {
    let fixture = try await LogFixture()
    for number in 1...3 { try await fixture.send("\(number)") }
    let conversation = fixture.conversation()
    for place in [
      LogPlace.before(1), .before(0), .before(.min), .after(3), .after(.max), .after(1 << 50),
    ] {
      let page = try await fixture.log.messages(in: conversation, at: place, limit: 5)
      #expect(page.messages.isEmpty && page.next == nil)
    }
    let all = try await fixture.log.messages(in: conversation, at: .after(.min), limit: 5)
    #expect(all.messages.count == 3 && all.next == nil)
    let newest = try await fixture.log.messages(in: conversation, at: .before(.max), limit: 2)
    #expect(newest.messages.map(\.entry.seq) == [2, 3] && newest.next == .before(2))
    #expect(try await fixture.log.entry(.max, in: conversation) == nil)
    #expect(try await fixture.log.entry(-1, in: conversation) == nil)
  }

  @Test("C3 an exactly full last page says that it is the last")
  func exactPage() async throws {
    let fixture = try await LogFixture()
    for number in 1...6 { try await fixture.send("\(number)") }
    let page = try await fixture.log.messages(in: fixture.conversation(), at: .after(3), limit: 3)
    #expect(page.messages.count == 3 && page.next == nil)
    try await fixture.log.flush(nil)
    let archived = try await fixture.log.messages(
      in: fixture.conversation(), at: .after(3), limit: 3)
    #expect(archived.messages.count == 3 && archived.next == nil)
  }

  @Test(
    "S19 readers see no gap and no double while a conversation is sent to, flushed and compacted")
  func readWhileFlushing() async throws {
    let fixture = try await LogFixture(Self.smallPieces)
    for number in 0..<40 { try await fixture.send("\(number)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 40..<160 {
          try await fixture.send("\(number)")
          if number % 7 == 0 { try await fixture.log.flush(nil) }
        }
      }
      for limit in [3, 20, 500] {
        group.addTask {
          for _ in 0..<25 {
            let forwards = try await fixture.allMessages(limit: limit)
            #expect(forwards.map(\.entry.seq) == Array(1...Int64(forwards.count)))
            #expect(forwards.count >= 40)
            let backwards = try await fixture.allMessagesBackwards(limit: limit)
            #expect(backwards.map(\.entry.seq) == Array(1...Int64(backwards.count)))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await fixture.allMessages().count == 160)
    #expect(try await fixture.verify().isGood)
  }

  @Test("A6 a page from the archive fetches about the block that holds it, and once")
  func fetchesFewBlocks() async throws {
    let fixture = try await LogFixture()
    for number in 0..<2000 { try await fixture.send("message number \(number)") }
    try await fixture.log.flush(nil)
    let fresh = fixture.reopened()
    let before = fresh.objects.callCount(.get)
    _ = try await fresh.log.messages(in: fresh.conversation(), at: .before(1000), limit: 50)
    #expect(fresh.objects.callCount(.get) - before <= 2)
    _ = try await fresh.log.messages(in: fresh.conversation(), at: .before(990), limit: 30)
    #expect(fresh.objects.callCount(.get) - before <= 2)
  }

  @Test("S05 a block that comes damaged is never shown")
  func damagedBlock() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    let fresh = fixture.reopened()
    fresh.objects.failNext(.get, .flipByte(at: 40))
    let error = await #expect(throws: StoreError.self) { try await fresh.texts() }
    #expect(error?.kind == .corrupt)
    #expect(try await fresh.texts() == ["one"])
  }

  @Test("S17 an archived object that is missing is damage, not a conversation that never was")
  func missingObject() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    for key in try await fixture.keys() {
      try await fixture.objects.delete(ObjectKey(trusted: key))
    }
    let error = await #expect(throws: StoreError.self) { try await fixture.reopened().texts() }
    #expect(error?.kind == .corrupt)
  }
}
