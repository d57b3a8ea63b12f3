// Flushing: when, into what, and what happens when a step fails.

import ArchiveCore
import ArchiveTesting
import Encodings
import Foundation
import Gzip
import Testing

@Suite("Flushing")
struct FlushTests {
  @Test("A2 a conversation is archived 20 s after it fell quiet, and not before")
  func idle() async throws {
    let fixture = try await LogFixture()
    try await fixture.whileRunning { () async throws in
      try await fixture.send("one")
      await fixture.clock.advance(by: .seconds(15))
      try await fixture.send("two")
      await fixture.clock.advance(by: .seconds(19))
      #expect(try await fixture.keys().isEmpty)
      await fixture.clock.advance(by: .seconds(7))
      #expect(try await fixture.keys().count == 1)
    }
    #expect(fixture.log.measurements.archivedEntries == 2)
    #expect(try await fixture.texts() == ["one", "two"])
  }

  @Test("A2 S15 a conversation that never falls quiet is archived at its age cap")
  func ageCap() async throws {
    let fixture = try await LogFixture()
    try await fixture.whileRunning { () async throws in
      for number in 0..<17 {
        try await fixture.send("\(number)")
        await fixture.clock.advance(by: .seconds(19))
      }
      #expect(try await fixture.keys().count == 1)
    }
  }

  @Test("A2 a conversation that reaches the size cap is archived at once into its own segment")
  func sizeCap() async throws {
    var settings = LogSettings()
    settings.maxBytes = 20_000
    settings.segmentBytes = 10_000
    let fixture = try await LogFixture(settings)
    try await fixture.whileRunning { () async throws in
      for _ in 0..<20 { try await fixture.send(String(repeating: "x", count: 1000)) }
      await fixture.clock.advance(by: .milliseconds(1))
      let keys = try await fixture.keys()
      #expect(keys.count == 1)
      #expect(keys[0].hasPrefix("conversations/\(fixture.conversation())/segments/000000000001-"))
    }
  }

  @Test("C03 a wall clock that jumps neither hastens nor delays a flush")
  func clockJump() async throws {
    let fixture = try await LogFixture()
    try await fixture.whileRunning { () async throws in
      try await fixture.send("one")
      fixture.clock.setWallClock(fixture.clock.now.advanced(by: .seconds(3600)))
      await fixture.clock.advance(by: .seconds(10))
      #expect(try await fixture.keys().isEmpty)
      fixture.clock.setWallClock(fixture.clock.now.advanced(by: .seconds(-7200)))
      await fixture.clock.advance(by: .seconds(16))
      #expect(try await fixture.keys().count == 1)
    }
  }

  @Test("A2 conversations due in one window share one pack")
  func sharedPack() async throws {
    let fixture = try await LogFixture()
    try await fixture.whileRunning { () async throws in
      for number in 1...50 {
        try await fixture.send("hello", to: fixture.conversation(UInt64(number)))
      }
      await fixture.clock.advance(by: .seconds(26))
      let keys = try await fixture.keys()
      #expect(keys.count == 1)
      #expect(keys[0].hasPrefix("packs/2026/01/01/"))
    }
    #expect(fixture.objects.callCount(.put) == 1)
    #expect(try await fixture.texts(fixture.conversation(50)) == ["hello"])
  }

  @Test("A6 a pack is plain gzip of header and entry lines whose chain anybody can recompute")
  func plainFormat() async throws {
    let fixture = try await LogFixture()
    for number in 1...3 { try await fixture.send("text \(number)") }
    try await fixture.log.flush(nil)
    let key = try #require(ObjectKey(try await fixture.keys()[0]))
    let bytes = try await fixture.objects.get(key, range: nil).bytes(limitBytes: 1 << 20)
    let text = String(decoding: try Gzip.decompress(bytes, limitBytes: 1 << 20), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 4)
    let header = try #require(
      try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    #expect(header["block"] as? Int == 1)
    #expect(header["firstSeq"] as? Int == 1 && header["lastSeq"] as? Int == 3)
    #expect(header["headBefore"] as? String == String(repeating: "0", count: 64))
    var head = [UInt8](repeating: 0, count: 32)
    for line in lines.dropFirst() {
      head = Digest256(of: head + Digest256(of: line.utf8).bytes).bytes
    }
    #expect(header["headAfter"] as? String == Hex.text(head))
    let entry = try #require(
      try JSONSerialization.jsonObject(with: Data(lines[2].utf8)) as? [String: Any])
    #expect(entry["seq"] as? Int == 2 && entry["text"] as? String == "text 2")
    #expect(entry["conversationId"] as? String == fixture.conversation().description)
  }

  @Test("A2 the same entries give the same object")
  func determinism() async throws {
    var keys: [[String]] = []
    for _ in 0..<2 {
      let fixture = try await LogFixture()
      for number in 1...40 { try await fixture.send("text \(number)") }
      try await fixture.log.flush(nil)
      keys.append(try await fixture.keys())
    }
    #expect(keys[0] == keys[1])
  }

  @Test(
    "S01 S17 an object store that refuses or fails keeps everything buffered until it works again",
    arguments: [StoreError.Kind.refused, .unavailable, .notFound])
  func storeAway(kind: StoreError.Kind) async throws {
    let fixture = try await LogFixture()
    try await fixture.whileRunning { () async throws in
      try await fixture.send("one")
      fixture.objects.goAway(kind)
      await fixture.clock.advance(by: .seconds(600))
      #expect(fixture.log.measurements.flushFailuresInARow > 2)
      #expect(try await fixture.texts() == ["one"])
      fixture.objects.follow(.scripted([:]))
      await fixture.clock.advance(by: .seconds(70))
      #expect(try await fixture.keys().count == 1)
      #expect(fixture.log.measurements.flushFailuresInARow == 0)
    }
    #expect(try await fixture.texts() == ["one"])
    #expect(try await fixture.verify().isGood)
  }

  @Test("S02 a put whose reply was lost is recognised and not stored twice")
  func lostPutReply() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one")
    fixture.objects.failNext(.put, .failAfter(.unavailable))
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    try await fixture.log.flush(nil)
    #expect(try await fixture.keys().count == 1)
    #expect(try await fixture.texts() == ["one"])
    #expect(try await fixture.verify().isGood)
  }

  @Test("S02 a commit whose reply was lost is harmless when the flush is repeated")
  func lostCommitReply() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one", clientID: "a")
    // The first transaction notes the object, the second commits it.
    fixture.documents.plan(.transact, [nil, .failAfter])
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    #expect(try await fixture.texts() == ["one"])
    try await fixture.log.flush(nil)
    #expect(try await fixture.texts() == ["one"])
    #expect(try await fixture.keys().count == 1)
    #expect(try await fixture.verify().isGood)
  }

  @Test("A2 a conversation whose buffer is damaged does not keep others from being archived")
  func damagedBuffer() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one", to: fixture.conversation(1))
    try await fixture.send("two", to: fixture.conversation(2))
    _ = try fixture.memory.update(
      Update(
        "entries", where: .id("\(fixture.conversation(1))/000000000001"),
        [.set("leaf", .string(String(repeating: "0", count: 64)))]))
    try await fixture.log.flush(nil)
    #expect(fixture.log.measurements.archivedEntries == 1)
    #expect(fixture.log.measurements.flushFailures == 1)
  }

  @Test("A2 what a killed process left in the buffer is archived by the next one")
  func recovery() async throws {
    let fixture = try await LogFixture()
    for number in 1...3 { try await fixture.send("text \(number)") }
    let next = fixture.reopened()
    try await next.whileRunning { () async throws in
      await next.clock.advance(by: .seconds(26))
      #expect(try await next.keys().count == 1)
    }
    #expect(try await next.send("after").seq == 4)
    #expect(try await next.texts() == ["text 1", "text 2", "text 3", "after"])
  }

  @Test("S13 two processes that archive at the same time do it once")
  func twoArchivers() async throws {
    let fixture = try await LogFixture()
    let other = fixture.reopened()
    for number in 1...20 { try await fixture.send("text \(number)") }
    fixture.objects.failNext(.put, .hold)
    let first = Task { try await fixture.log.flush(nil) }
    await fixture.objects.waitUntilHeld()
    // The first stalls in its put until its lease is over; the second, which waits, takes over.
    let second = Task { try await other.log.flush(nil) }
    await fixture.clock.waitForSleepers(1)
    await fixture.clock.advance(by: .seconds(61))
    try await second.value
    fixture.objects.release()
    await #expect(throws: StoreError.self) { try await first.value }
    #expect(try await other.allMessages().map(\.entry.seq) == Array(1...20))
    #expect(try await fixture.allMessages().map(\.entry.seq) == Array(1...20))
    #expect(try await fixture.verify().isGood)
  }
}
