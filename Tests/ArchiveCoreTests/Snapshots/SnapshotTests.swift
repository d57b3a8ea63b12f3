// Snapshots: what is written when, what nothing costs, and what being killed does.

import ArchiveCore
import ArchiveTesting
import Gzip
import Testing

@Suite("Snapshots")
struct SnapshotTests {
  private func fixture(
    _ settings: LogSettings = LogSettings(),
    reached: @escaping @Sendable (FaultPoint) async -> Void = { _ in }
  ) async throws -> LogFixture {
    let fixture = try await LogFixture(settings, others: LogFixture.others, reached: reached)
    try await fixture.write(
      ["id": "ada", "email": "ada@example.org", "name": "Ada", "at": .time(fixture.clock.now)],
      into: "people")
    return fixture
  }

  private func lines(_ key: String, _ fixture: LogFixture) async throws -> [String] {
    let plain = try Gzip.decompress(try await fixture.bytes(key), limitBytes: 1 << 24)
    return String(decoding: plain, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("A6 a snapshot is plain gzip of JSON lines that say what they are")
  func plainFormat() async throws {
    let fixture = try await fixture()
    try await fixture.log.flush(nil)
    #expect(try await fixture.keys() == ["snapshots/000000000001-full.jsonl.gz"])
    let lines = try await lines("snapshots/000000000001-full.jsonl.gz", fixture)
    #expect(
      lines[0]
        == #"{"at":"2026-01-01T00:00:00.000Z","hasMore":false,"number":1,"part":1,"previous":0,"series":1,"snapshot":1}"#
    )
    #expect(
      lines[1]
        == #"{"collection":"people","document":{"at":{"$time":1767225600000},"email":"ada@example.org","id":"ada","name":"Ada"}}"#
    )
    let digest = Digest256(of: "\(lines[0])\n\(lines[1])\n".utf8)
    #expect(lines[2] == #"{"lines":1,"sha256":"\#(digest)"}"#)
    #expect(lines.count == 3)
  }

  @Test("A6 verify reads the snapshots, and names the one that is altered or missing")
  func verified() async throws {
    let fixture = try await fixture()
    for name in ["Ada", "Countess", "Lovelace"] {
      try await fixture.rename("ada", name, in: "people")
      try await fixture.log.flush(nil)
    }
    #expect(try await fixture.verify().problems == [])
    #expect(try await fixture.verify().snapshots == 3)
    let keys = try await fixture.keys("snapshots/")
    for key in keys {
      let bytes = try await fixture.bytes(key)
      var altered = bytes
      altered[altered.count / 2] ^= 1
      try await fixture.replace(key, altered)
      let problems = try await fixture.verify().problems
      #expect(
        problems.contains { $0.kind == .alteredObject && $0.object == key }, "\(key) \(problems)")
      try await fixture.objects.delete(ObjectKey(trusted: key))
      let missing = try await fixture.verify().problems
      #expect(missing.contains { $0.kind == .missingObject }, "\(key) \(missing)")
      try await fixture.objects.put(
        ObjectKey(trusted: key), .bytes(bytes), mode: .create, type: "application/gzip")
      #expect(try await fixture.verify().problems == [])
    }
  }

  @Test("A6 a flush takes along what changed since the last snapshot, and only that")
  func changesOnly() async throws {
    let fixture = try await fixture()
    try await fixture.write(["id": "hall"], into: "rooms")
    try await fixture.log.flush(nil)
    try await fixture.rename("ada", "Countess", in: "people")
    try await fixture.send("hello")
    try await fixture.log.flush(nil)
    let lines = try await lines("snapshots/000000000002-changes.jsonl.gz", fixture)
    #expect(lines.count == 3 && lines[1].contains("Countess"))
    // The head that was just archived is news for the next one.
    try await fixture.log.flush(nil)
    #expect(
      try await self.lines("snapshots/000000000003-changes.jsonl.gz", fixture)[1]
        .contains(#""collection":"anchors""#))
  }

  @Test("A6 when nothing changes nothing is put, however much time passes")
  func idle() async throws {
    let fixture = try await fixture()
    try await fixture.send("hello")
    try await fixture.whileRunning { () async throws in
      await fixture.clock.advance(by: .seconds(300))
      let puts = fixture.objects.callCount(.put)
      #expect(puts == 3, "a full snapshot, a pack, and the pack's anchor")
      await fixture.clock.advance(by: .seconds(3 * 24 * 3600))
      #expect(fixture.objects.callCount(.put) == puts)
    }
    let empty = try await LogFixture(others: LogFixture.others)
    try await empty.whileRunning { () async throws in
      await empty.clock.advance(by: .seconds(3600))
    }
    #expect(empty.objects.callCount(.put) == 0)
  }

  @Test("A6 what changes without a message is put after the interval, in one object for all of it")
  func interval() async throws {
    let fixture = try await fixture()
    try await fixture.whileRunning { () async throws in
      await fixture.clock.advance(by: .seconds(6))
      #expect(fixture.objects.callCount(.put) == 1)
      for second in 0..<600 {
        try await fixture.rename("ada", "\(second)", in: "people")
        await fixture.clock.advance(by: .seconds(1))
      }
      #expect((9...10).contains(fixture.objects.callCount(.put) - 1))
      await fixture.clock.advance(by: .seconds(70))
      #expect(try await fixture.restored().contents() == fixture.contents())
    }
  }

  @Test("A6 a change that comes while a snapshot is written is in the next one")
  func changeMeanwhile() async throws {
    let fixture = try await fixture()
    try await fixture.log.flush(nil)
    try await fixture.rename("ada", "before", in: "people")
    fixture.objects.failNext(.put, .hold)
    async let flushed: Void = fixture.log.flush(nil)
    await fixture.objects.waitUntilHeld()
    try await fixture.rename("ada", "meanwhile", in: "people")
    fixture.objects.release()
    try await flushed
    #expect(
      try await lines("snapshots/000000000002-changes.jsonl.gz", fixture)[1].contains("before"))
    try await fixture.log.flush(nil)
    #expect(
      try await lines("snapshots/000000000003-changes.jsonl.gz", fixture)[1].contains("meanwhile"))
  }

  @Test(
    "A6 many documents make several objects of a bounded size, and count when the last is there")
  func severalObjects() async throws {
    var settings = LogSettings()
    settings.snapshotDocuments = 3
    let fixture = try await fixture(settings)
    for number in 1...9 { try await fixture.write(["id": .string("\(number)")], into: "people") }
    try await fixture.log.flush(nil)
    let full = try await fixture.keys("snapshots/").filter { $0.contains("-full") }
    #expect(full.count == 4)
    for key in full { #expect(try await lines(key, fixture).count <= 5) }
    #expect(try await fixture.restored().contents() == fixture.contents())
    for number in 1...9 { try await fixture.rename("\(number)", "x", in: "people") }
    try await fixture.log.flush(nil)
    #expect(try await fixture.restored().contents() == fixture.contents())
    // Without its last object a full snapshot is none.
    let changes = try await fixture.keys("snapshots/").filter { $0.contains("-changes") }
    for key in changes + [full[3]] { try await fixture.objects.delete(ObjectKey(trusted: key)) }
    let report = try await fixture.restored().report
    #expect(report.problems.contains { $0.detail.contains("no full snapshot is whole") })
    #expect(report.snapshotAt == nil)
  }

  @Test("A6 a deletion is in the next snapshot, told by its id or by asking for a full one")
  func deletions() async throws {
    let fixture = try await fixture()
    for number in 1...4 {
      try await fixture.write(["id": .string("\(number)"), "name": "x"], into: "rooms")
    }
    try await fixture.log.flush(nil)
    #expect(try await fixture.service.delete("rooms", where: .id("1")) == 1)
    #expect(try await fixture.service.delete("rooms", where: .id("1")) == 0)
    try await fixture.service.transact([
      .delete("rooms", where: .id("2")),
      .insert(Document(["id": "5"]), into: "rooms"),
    ])
    try await fixture.log.flush(nil)
    #expect(
      try await lines("snapshots/000000000002-changes.jsonl.gz", fixture)
        .filter { $0.contains("deleted") }.sorted()
        == [
          #"{"collection":"rooms","deleted":"1"}"#, #"{"collection":"rooms","deleted":"2"}"#,
        ])
    #expect(try await fixture.restored().contents() == fixture.contents())
    // Deleted, and there again before anybody looked.
    try await fixture.service.delete("rooms", where: .id("3"))
    try await fixture.write(["id": "3", "name": "again"], into: "rooms")
    try await fixture.log.flush(nil)
    #expect(try await fixture.restored().contents() == fixture.contents())
    try await fixture.service.delete("rooms", where: .equal("name", "x"))
    try await fixture.log.flush(nil)
    #expect(try await fixture.keys("snapshots/").contains("snapshots/000000000004-full.jsonl.gz"))
    #expect(try await fixture.restored().contents() == fixture.contents())
    #expect(try fixture.memory.find(Query("snapshotDeletions", limit: 9)).isEmpty)
  }

  @Test("A6 a full snapshot replaces what was before it, which is deleted after the grace")
  func renewal() async throws {
    var settings = LogSettings()
    (settings.snapshotRenewal, settings.orphanGrace) = (.seconds(1000), .seconds(100))
    let fixture = try await fixture(settings)
    try await fixture.whileRunning { () async throws in
      for round in 0..<20 {
        try await fixture.rename("ada", "\(round)", in: "people")
        await fixture.clock.advance(by: .seconds(100))
      }
      await fixture.clock.advance(by: .seconds(200))
    }
    let keys = try await fixture.keys("snapshots/")
    #expect(keys.filter { $0.contains("-full") }.count == 1 && keys.count < 15)
    #expect(keys.first?.contains("-full") == true)
    let restored = try await fixture.restored()
    #expect(restored.report.isGood)
    #expect(try restored.contents() == fixture.contents())
  }

  @Test(
    "A7 a snapshot that breaks off at any write is repeated, and nothing is missing",
    arguments: [FaultyDocumentStore.Fault.failBefore, .failAfter])
  func brokenOff(fault: FaultyDocumentStore.Fault) async throws {
    var settings = LogSettings()
    settings.snapshotDocuments = 2
    for step in 0..<18 {
      let fixture = try await fixture(settings)
      for number in 1...4 { try await fixture.write(["id": .string("\(number)")], into: "rooms") }
      fixture.documents.plan(.transact, Array(repeating: nil, count: step) + [fault])
      try? await fixture.log.flush(nil)
      #expect(try await fixture.restored().report.problems.count <= 1)
      fixture.documents.plan(.transact, [])
      try await fixture.rename("1", "later", in: "rooms")
      try await fixture.service.delete("rooms", where: .id("2"))
      let next = fixture.reopened()
      next.clock.setWallClock(next.clock.now.advanced(by: .seconds(120)))
      try await next.log.flush(nil)
      let restored = try await next.restored()
      #expect(restored.report.problems == [], "step \(step)")
      #expect(try restored.contents() == next.contents(), "step \(step)")
    }
  }

  @Test("A7 a put whose reply was lost, or that failed, is made good by the next snapshot")
  func failedPuts() async throws {
    for fault in [ObjectFault.failBefore(.unavailable), .failAfter(.unavailable)] {
      let fixture = try await fixture()
      fixture.objects.failNext(.put, fault)
      await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
      try await fixture.rename("ada", "later", in: "people")
      try await fixture.log.flush(nil)
      let restored = try await fixture.restored()
      #expect(restored.report.isGood)
      #expect(try restored.contents() == fixture.contents())
    }
  }

  @Test("A7 two processes that snapshot in turns leave one story")
  func twoProcesses() async throws {
    let one = try await fixture()
    let other = one.reopened()
    for round in 0..<6 {
      let fixture = round % 2 == 0 ? one : other
      try await fixture.rename("ada", "\(round)", in: "people")
      try await one.send("\(round)")
      try await fixture.log.flush(nil)
    }
    let restored = try await one.restored()
    #expect(restored.report.isGood)
    #expect(restored.report.entries == 6)
    #expect(try restored.contents() == one.contents())
  }

  @Test("A7 documents put back from a backup do not write snapshots that count as older")
  func backup() async throws {
    let fixture = try await fixture()
    try await fixture.log.flush(nil)
    let backup = try fixture.backup()
    for round in 0..<5 {
      try await fixture.rename("ada", "lost \(round)", in: "people")
      try await fixture.log.flush(nil)
    }
    let back = fixture.reopened(on: backup)
    try await back.rename("ada", "after the backup", in: "people")
    try await back.log.flush(nil)
    let restored = try await back.restored()
    #expect(restored.report.problems == [])
    #expect(try restored.contents() == back.contents())
  }

  @Test(
    "A7 an empty database on a bucket that is in use archives nothing there, and says what to do")
  func foreignBucket() async throws {
    let fixture = try await fixture()
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    let empty = InMemoryDocumentStore()
    try empty.prepare(ConversationLog.schemas + fixture.others)
    let fresh = fixture.reopened(on: empty)
    try await fresh.write(["id": "eve"], into: "people")
    try await fresh.send("kept")
    let keys = try await fixture.keys()
    let error = await #expect(throws: StoreError.self) { try await fresh.log.flush(nil) }
    #expect(error?.kind == .refused && error?.hint?.contains("restore") == true)
    #expect(try await fixture.keys() == keys)
    #expect(try await fresh.texts() == ["kept"])
  }
}
