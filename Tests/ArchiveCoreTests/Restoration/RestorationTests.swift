// Restoring: the documents are gone, the objects are there, and everything comes back.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Restoration")
struct RestorationTests {
  static var settings: LogSettings {
    var settings = HistoryTests.smallPieces
    settings.snapshotDocuments = 4
    settings.orphanGrace = .seconds(100)
    return settings
  }

  /// Packs, segments of their own, edits, deletions, compaction, changed and deleted documents.
  static func lived(_ settings: LogSettings = settings) async throws -> LogFixture {
    let fixture = try await LogFixture(settings, others: LogFixture.others)
    for round in 0..<7 {
      try await fixture.write(
        ["id": .string("p\(round)"), "email": .string("p\(round)@example.org")], into: "people")
      try await fixture.write(["id": .string("r\(round)")], into: "rooms")
      for number in 1...4 {
        let conversation = fixture.conversation(UInt64(number))
        let text = String(repeating: "word \(round) ", count: number == 3 ? 200 : 5)
        try await fixture.send(text, to: conversation, clientID: "c\(round)")
        if round > 2, number < 3 {
          for kind in [EntryKind.edit, .deletion] where kind == .edit || round == 5 {
            _ = try await fixture.log.append(
              EntryDraft(
                kind, in: conversation, by: fixture.sender, text: kind == .edit ? "\(round)" : nil,
                target: Int64(round - 2)))
          }
        }
      }
      try await fixture.rename("p0", "round \(round)", in: "people")
      if round == 4 { try await fixture.service.delete("rooms", where: .id("r1")) }
      await fixture.clock.advance(by: .seconds(10))
      try await fixture.log.flush(nil)
      try await fixture.log.archiveDue()
    }
    try await fixture.log.flush(nil)
    return fixture
  }

  private func sameHistory(_ one: LogFixture, _ other: LogFixture) async throws {
    for number in 1...4 {
      let conversation = one.conversation(UInt64(number))
      #expect(try await other.allMessages(conversation) == one.allMessages(conversation))
      #expect(try await other.log.head(of: conversation) == one.log.head(of: conversation))
    }
  }

  @Test("A6 with the documents gone, every conversation, document and head comes back the same")
  func everything() async throws {
    let fixture = try await Self.lived()
    #expect(try await !fixture.keys("conversations/").isEmpty)
    #expect(try await !fixture.keys("packs/").isEmpty)
    let restored = try await fixture.restored()
    #expect(restored.report.isGood)
    #expect(restored.report.conversations == 4)
    #expect(restored.report.documents == ["people": 7, "rooms": 6])
    #expect(try restored.contents() == fixture.contents())
    try await sameHistory(fixture, restored.fixture)
    #expect(try await restored.fixture.verify().isGood)
  }

  @Test(
    "A6 what was restored goes on: retries are known, messages follow, and it is restored again")
  func goesOn() async throws {
    let fixture = try await Self.lived()
    let restored = try await fixture.restored().fixture
    let again = try await restored.log.append(
      EntryDraft(
        .message, in: fixture.conversation(), by: fixture.sender, text: "once more",
        clientID: "c6"))
    #expect(again.isRepeat)
    try await restored.send("after the restoration", clientID: "new")
    try await restored.write(["id": "late", "email": "late@example.org"], into: "people")
    let conflict = await #expect(throws: StoreError.self) {
      try await restored.write(["id": "other", "email": "p3@example.org"], into: "people")
    }
    #expect(conflict?.index == "email")
    try await restored.whileRunning { () async throws in
      await restored.clock.advance(by: .seconds(400))
    }
    #expect(try await restored.verify().problems == [])
    #expect(try await restored.verify().orphans == [], "what was compacted before is swept")
    let second = try await restored.restored()
    #expect(second.report.isGood)
    #expect(try second.contents() == restored.contents())
    try await sameHistory(restored, second.fixture)
  }

  @Test(
    "A6 the recovery point holds: what was durable then is there, what came later may be missing")
  func recoveryPoint() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    try await fixture.whileRunning { () async throws in
      try await fixture.write(["id": "early"], into: "people")
      try await fixture.send("early")
      let sent = fixture.clock.now
      await fixture.clock.advance(by: .seconds(100))
      try await fixture.write(["id": "later"], into: "people")
      let written = fixture.clock.now
      try await fixture.send("waits")
      await fixture.clock.advance(by: .seconds(14))
      let report = try await fixture.restored().report
      #expect(report.newestEntryAt == "\(sent)")
      let point = try #require(report.snapshotAt.flatMap { Timestamp($0) })
      #expect(point > sent && point < written)
      let early = try await fixture.restored()
      #expect(try early.contents().documents["people"]?.map(\.id) == ["early"])
      #expect(try await early.fixture.texts() == ["early"])
      // A quiet conversation is flushed after 20 s and a window; documents go with it.
      await fixture.clock.advance(by: .seconds(12))
      let late = try await fixture.restored()
      #expect(try late.contents().documents["people"]?.map(\.id) == ["early", "later"])
      #expect(try await late.fixture.texts() == ["early", "waits"])
      // Without a message, documents are there after the interval and a window.
      try await fixture.write(["id": "silent"], into: "people")
      await fixture.clock.advance(by: .seconds(66))
      #expect(try await fixture.restored().contents() == fixture.contents())
    }
  }

  @Test("A6 C2 where an entry came back, so did the documents that were written with it")
  func togetherWithItsDocuments() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    try await fixture.write(["id": "ada", "name": "member"], into: "people")
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    try await fixture.send("two")
    try await fixture.rename("ada", "still a member", in: "people")
    // The round's snapshot is on its way when the entry is written; the round archives that entry too.
    fixture.objects.failNext(.put, .hold)
    async let flushed: Void = fixture.log.flush(nil)
    await fixture.objects.waitUntilHeld()
    let removal = Update("people", where: .id("ada"), [.set("name", .string("removed"))])
    _ = try await fixture.log.append(
      EntryDraft(EntryKind(rawValue: "memberRemoved"), in: fixture.conversation(), by: nil),
      together: { _ in [.update(removal, mustMatch: true)] })
    fixture.objects.release()
    try await flushed
    let restored = try await fixture.restored()
    #expect(
      try await restored.fixture.log.entries(in: fixture.conversation(), after: 0, limit: 9)
        .map(\.kind.rawValue) == ["message", "message", "memberRemoved"])
    #expect(
      try restored.contents().documents["people"]?.map { $0["name"] } == [.string("removed")])
  }

  @Test("A6 a pack that was put and never referred to is used where it continues the chain")
  func orphanContinues() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    try await fixture.write(["id": "a"], into: "people")
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    try await fixture.send("two")
    // Note and record the anchor's snapshot, take its mark back, note the pack, and die before its manifests are
    // committed.
    fixture.documents.plan(.transact, [nil, nil, nil, nil, .failBefore])
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    #expect(try await fixture.keys("packs/").count == 2)
    #expect(try fixture.memory.count("segments", where: .everything) == 1)
    let restored = try await fixture.restored()
    #expect(restored.report.isGood)
    #expect(try await restored.fixture.texts() == ["one", "two"])
  }

  @Test(
    "A6 an orphan whose entries were flushed again with more is told apart and left to the sweep")
  func orphanIsPart() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    try await fixture.write(["id": "a"], into: "people")
    try await fixture.send("one")
    fixture.documents.plan(.transact, [nil, nil, nil, nil, .failBefore])
    await #expect(throws: StoreError.self) { try await fixture.log.flush(nil) }
    try await fixture.send("two")
    try await fixture.log.flush(nil)
    #expect(try await fixture.keys("packs/").count == 2)
    let restored = try await fixture.restored()
    #expect(restored.report.isGood && restored.report.retiredObjects == 1)
    #expect(try await restored.fixture.texts() == ["one", "two"])
    #expect(try restored.memory.find(Query("retiredObjects", limit: 9)).count == 1)
  }

  @Test("A6 a database that is not empty is refused and left as it is")
  func notEmpty() async throws {
    let fixture = try await Self.lived()
    for name in ["people", "entries", "archiveStates", "segments"] as [CollectionName] {
      let memory = InMemoryDocumentStore()
      try memory.prepare(ConversationLog.schemas + fixture.others)
      _ = try memory.insert([Document(["id": "x"])], into: name)
      let error = await #expect(throws: StoreError.self) {
        try await fixture.restorer(into: memory).restore()
      }
      #expect(error?.kind == .refused)
      #expect(try memory.count("segments", where: .everything) == (name == "segments" ? 1 : 0))
      #expect(try await !ArchiveRestorer.isUnfinished(in: memory))
    }
    let twice = try await fixture.restored().memory
    await #expect(throws: StoreError.self) {
      try await fixture.restorer(into: twice).restore()
    }
  }

  @Test("A6 an empty bucket gives an empty archive, and says that there were no snapshots")
  func emptyBucket() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    let report = try await fixture.restored().report
    #expect(report.conversations == 0 && report.problems.count == 1)
  }

  @Test(
    "A7 a restoration that breaks off at any step goes on and ends the same",
    arguments: [
      FaultyDocumentStore.Operation.insert, .transact, .delete,
    ], [FaultyDocumentStore.Fault.failBefore, .failAfter])
  func brokenOff(operation: FaultyDocumentStore.Operation, fault: FaultyDocumentStore.Fault)
    async throws
  {
    let fixture = try await Self.lived()
    let whole = try await fixture.restored()
    var step = 0
    while true {
      let memory = InMemoryDocumentStore()
      let documents = FaultyDocumentStore(memory)
      documents.plan(operation, Array(repeating: nil, count: step) + [fault])
      do {
        _ = try await fixture.restorer(into: documents).restore()
        break
      } catch {
        let isLast = try await !ArchiveRestorer.isUnfinished(in: memory)
        // Refused as not empty where the very last write did happen: then everything is there.
        if step > 0, isLast {
          #expect(fault == .failAfter && operation == .delete)
        } else {
          let report = try await fixture.restorer(into: memory).restore()
          #expect(report.isGood && report.documents == whole.report.documents)
          #expect(report.snapshotAt == whole.report.snapshotAt)
          #expect(report.newestEntryAt == whole.report.newestEntryAt)
        }
      }
      let again = fixture.reopened(on: memory)
      #expect(try again.contents() == whole.contents(), "step \(step)")
      #expect(try memory.find(Query("restoration", limit: 1)).isEmpty)
      step += 1
    }
    #expect(step >= 3)
  }

  @Test("A7 a bucket that goes away while it is read stops the restoration, which goes on later")
  func bucketGoesAway() async throws {
    let fixture = try await Self.lived()
    let whole = try await fixture.restored()
    for operation in [ObjectOperation.get, .list] {
      let before = fixture.objects.callCount(operation)
      _ = try await fixture.restored()
      let calls = fixture.objects.callCount(operation) - before
      for call in 1...calls {
        let memory = InMemoryDocumentStore()
        let number = fixture.objects.callCount(operation) + call
        fixture.objects.follow(.scripted([operation: [number: .failBefore(.unavailable)]]))
        await #expect(throws: StoreError.self) {
          try await fixture.restorer(into: memory).restore()
        }
        #expect(try await ArchiveRestorer.isUnfinished(in: memory))
        let report = try await fixture.restorer(into: memory).restore()
        #expect(report.isGood)
        #expect(try fixture.reopened(on: memory).contents() == whole.contents())
      }
    }
  }
}
