// Restoring from objects that are damaged, missing, doubled, swapped or not ours.

import ArchiveCore
import ArchiveTesting
import Gzip
import Testing

@Suite("Restoration from damaged objects")
struct DamagedRestorationTests {
  /// Three conversations in three packs each; one person more before each.
  private func packs() async throws -> LogFixture {
    let fixture = try await LogFixture(others: LogFixture.others)
    for round in 0..<3 {
      try await fixture.write(["id": .string("p\(round)")], into: "people")
      for number in 1...3 {
        try await fixture.send("round \(round)", to: fixture.conversation(UInt64(number)))
      }
      await fixture.clock.advance(by: .seconds(1))
      try await fixture.log.flush(nil)
    }
    try await fixture.log.flush(nil)
    return fixture
  }

  /// The pack of the round.
  private func pack(_ round: Int64, _ fixture: LogFixture) throws -> String {
    let manifests = try fixture.memory.find(
      Query("segments", where: .equal("firstSeq", .integer(round + 1)), limit: 1))
    guard case .string(let key)? = manifests.first?["key"] else {
      throw StoreError(.notFound, "no pack")
    }
    return key
  }

  private func details(_ report: RestorationReport) -> String {
    report.problems.map(\.description).joined(separator: "\n")
  }

  @Test("A6 a flipped byte anywhere is reported, ends nothing, and costs no other conversation")
  func flippedByte() async throws {
    let fixture = try await packs()
    for key in try await fixture.keys() {
      let good = try await fixture.bytes(key)
      for offset in stride(from: 0, to: good.count, by: 23) {
        var bad = good
        bad[offset] ^= 0x10
        try await fixture.replace(key, bad)
        let restored = try await fixture.restored()
        #expect(
          restored.report.problems.contains { $0.object == key && $0.kind == .alteredObject },
          "\(key) \(offset)")
        if key.hasPrefix("packs/") {
          let whole = try (1...3).filter { number in
            let id = Filter.id("\(fixture.conversation(UInt64(number)))")
            return try restored.memory.find(Query("archiveStates", where: id, limit: 1))
              .first?["archivedSeq"] == .integer(3)
          }
          #expect(whole.count >= 2, "\(key) \(offset)")
          #expect(restored.report.documents == ["people": 3, "rooms": 0])
        } else {
          #expect(restored.report.entries == 9)
        }
        #expect(restored.report.verification.isGood)
      }
      try await fixture.replace(key, good)
    }
    #expect(try await fixture.restored().report.isGood)
  }

  @Test("A6 an object that was cut off anywhere is reported")
  func cutOff() async throws {
    let fixture = try await packs()
    for key in try await fixture.keys() {
      let good = try await fixture.bytes(key)
      for length in stride(from: 0, to: good.count, by: 31) {
        try await fixture.replace(key, Array(good.prefix(length)))
        let report = try await fixture.restored().report
        #expect(report.problems.contains { $0.object == key }, "\(key) \(length)")
        #expect(report.verification.isGood)
      }
      try await fixture.replace(key, good)
    }
  }

  @Test("A6 a missing pack ends its conversations there, and what follows is told with its place")
  func missingPack() async throws {
    let fixture = try await packs()
    try await fixture.objects.delete(ObjectKey(trusted: try pack(1, fixture)))
    let restored = try await fixture.restored()
    #expect(restored.report.entries == 3)
    let problems = restored.report.problems
    #expect(problems.filter { $0.kind == .unconnected }.count == 3)
    #expect(problems.filter { $0.kind == .cutOffTail }.count == 3)
    #expect(details(restored.report).contains("restoredSeq=`1` firstSeq=`3` lastSeq=`3`"))
    // The pack behind the gap is kept: it is all that is left of its entries.
    #expect(restored.report.retiredObjects == 0)
  }

  @Test(
    "A6 the newest pack missing is seen by the heads that snapshots remember, also with a new key")
  func missingTail() async throws {
    let fixture = try await packs()
    try await fixture.objects.delete(ObjectKey(trusted: try pack(2, fixture)))
    let key = try #require(AnchorKey(Array(repeating: 9, count: 32)))
    let restored = try await fixture.restored(key: key)
    #expect(restored.report.problems.count == 3)
    #expect(restored.report.problems.allSatisfy { $0.kind == .cutOffTail })
    #expect(restored.report.entries == 6 && restored.report.verification.isGood)
  }

  @Test("A6 a conversation of which every object is gone is told")
  func lostConversation() async throws {
    let fixture = try await packs()
    for key in try await fixture.keys("packs/") {
      try await fixture.objects.delete(ObjectKey(trusted: key))
    }
    let report = try await fixture.restored().report
    #expect(report.conversations == 0 && report.verification.isGood)
    #expect(report.problems.filter { $0.kind == .cutOffTail }.count == 3)
  }

  @Test("A6 doubled, swapped and foreign objects do no harm, and are told where they are wrong")
  func misplaced() async throws {
    let fixture = try await packs()
    let (one, two) = (try pack(0, fixture), try pack(1, fixture))
    let (first, second) = (try await fixture.bytes(one), try await fixture.bytes(two))
    try await fixture.replace("packs/2026/01/02/copy.jsonl.gz", first)
    try await fixture.replace(one, second)
    try await fixture.replace(two, first)
    try await fixture.replace("files/cat.jpg", [1, 2, 3])
    try await fixture.replace("packs/2026/01/01/left.jsonl.gz", [1, 2, 3])
    try await fixture.replace("snapshots/readme", [1, 2, 3])
    let restored = try await fixture.restored()
    let told = Set(restored.report.problems.compactMap(\.object))
    #expect(told == [one, two, "packs/2026/01/02/copy.jsonl.gz", "packs/2026/01/01/left.jsonl.gz"])
    #expect(restored.report.otherObjects == 2 && restored.report.entries == 9)
    #expect(restored.report.verification.isGood)
    for number in 1...3 {
      let texts = try await restored.fixture.texts(fixture.conversation(UInt64(number)))
      #expect(texts == ["round 0", "round 1", "round 2"])
    }
  }

  @Test("A6 entries of another writer are told; those that a snapshot remembers are restored")
  func fork() async throws {
    let fixture = try await LogFixture(others: LogFixture.others)
    try await fixture.write(["id": "a"], into: "people")
    try await fixture.send("one")
    try await fixture.log.flush(nil)
    let backup = try fixture.backup()
    for number in 0..<5 { try await fixture.send("abandoned \(number)") }
    try await fixture.log.flush(nil)
    let back = fixture.reopened(on: backup)
    try await back.send("two")
    try await back.log.flush(nil)
    try await back.log.flush(nil)
    let restored = try await back.restored()
    #expect(try await restored.fixture.texts() == ["one", "two"])
    #expect(restored.report.problems.map(\.kind) == [.unconnected])
    #expect(restored.report.retiredObjects == 0)
  }

  @Test("A6 a missing or damaged snapshot is told; the others are used, newest first")
  func snapshots() async throws {
    let fixture = try await packs()
    let keys = try await fixture.keys("snapshots/")
    #expect(keys.count == 4)
    let good = try await fixture.bytes(keys[1])
    try await fixture.objects.delete(ObjectKey(trusted: keys[1]))
    let missing = try await fixture.restored()
    #expect(missing.report.problems.map(\.kind) == [.missingObject])
    #expect(missing.report.documents["people"] == 2)
    try await fixture.replace(keys[1], good)
    // A snapshot under the number of another.
    try await fixture.replace(keys[2], good)
    let swapped = try await fixture.restored().report
    #expect(swapped.problems.contains { $0.kind == .alteredObject && $0.object == keys[2] })
    #expect(swapped.documents["people"] == 2)
  }

  @Test("A6 where the newest full snapshot is damaged, the one before it and all changes are used")
  func olderSeries() async throws {
    var settings = LogSettings()
    settings.snapshotRenewal = .seconds(10)
    let fixture = try await LogFixture(settings, others: LogFixture.others)
    for round in 0..<4 {
      try await fixture.write(["id": .string("p\(round)")], into: "people")
      await fixture.clock.advance(by: .seconds(6))
      try await fixture.log.flush(nil)
    }
    let full = try await fixture.keys("snapshots/").filter { $0.contains("-full") }
    #expect(full.count == 2)
    try await fixture.replace(full[1], Array(try await fixture.bytes(full[1]).dropLast(3)))
    let report = try await fixture.restored().report
    #expect(report.problems.contains { $0.object == full[1] })
    #expect(report.documents["people"] == 3, "what only the damaged one had is lost")
  }

  @Test(
    "A6 documents of a collection that this version does not know are told, not lost in silence")
  func unknownCollection() async throws {
    let fixture = try await packs()
    let restorer = ArchiveRestorer(
      documents: InMemoryDocumentStore(), objects: fixture.objects, schemas: [],
      settings: fixture.settings, anchorKey: LogFixture.anchorKey,
      surroundings: fixture.clock.surroundings)
    let report = try await restorer.restore()
    #expect(report.problems.contains { $0.detail.contains("collection=`people`") })
  }

  @Test("A6 random bytes in every object end no process and restore nothing that is false")
  func randomBytes() async throws {
    var random = SeededGenerator(seed: 11)
    let fixture = try await packs()
    let keys = try await fixture.keys()
    var good: [String: [UInt8]] = [:]
    for key in keys { good[key] = try await fixture.bytes(key) }
    for _ in 0..<60 {
      for key in keys {
        var bytes = good[key] ?? []
        for _ in 0..<Int(random.next() % 4) where !bytes.isEmpty {
          let at = Int(random.next() % UInt64(bytes.count))
          switch random.next() % 3 {
          case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 40)))
          default: bytes.insert(contentsOf: bytes.prefix(at), at: at)
          }
        }
        try await fixture.replace(key, bytes)
      }
      let restored = try await fixture.restored()
      #expect(restored.report.verification.isGood, "seed 11")
      for number in 1...3 {
        let texts = try await restored.fixture.texts(fixture.conversation(UInt64(number)))
        #expect(texts.elementsEqual(["round 0", "round 1", "round 2"].prefix(texts.count)))
      }
    }
  }
}
