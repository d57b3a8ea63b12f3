// Verification tells every kind of damage apart, and where it is.

import ArchiveCore
import ArchiveTesting
import Gzip
import Testing

@Suite("Verification")
struct VerificationTests {
  /// Three conversations, two flushes, small blocks, something left in the buffer.
  private func archived() async throws -> LogFixture {
    var settings = HistoryTests.smallPieces
    settings.compactionParts = 1000
    let fixture = try await LogFixture(settings)
    for round in 0..<2 {
      for number in 1...3 {
        for message in 0..<10 {
          try await fixture.send(
            "round \(round) message \(message)", to: fixture.conversation(UInt64(number)))
        }
      }
      try await fixture.log.flush(nil)
    }
    try await fixture.send("still buffered")
    let report = try await fixture.verify()
    #expect(report.problems == [] && report.orphans == [])
    #expect(report.archivedEntries == 60 && report.bufferedEntries == 1)
    return fixture
  }

  private func bytes(_ key: String, _ fixture: LogFixture) async throws -> [UInt8] {
    try await fixture.objects.get(ObjectKey(trusted: key), range: nil).bytes(limitBytes: 1 << 20)
  }

  private func replace(_ key: String, _ bytes: [UInt8], _ fixture: LogFixture) async throws {
    try await fixture.objects.put(
      ObjectKey(trusted: key), .bytes(bytes), mode: .replace, type: "application/gzip")
  }

  @Test("A6 a flipped byte anywhere in an object is found, with the object and a line")
  func flippedByte() async throws {
    let fixture = try await archived()
    let key = try #require(try await fixture.keys().first)
    let good = try await bytes(key, fixture)
    for offset in stride(from: 0, to: good.count, by: 37) {
      var bad = good
      bad[offset] ^= 0x10
      try await replace(key, bad, fixture)
      let report = try await fixture.verify()
      #expect(!report.isGood, "offset \(offset)")
      #expect(report.problems.allSatisfy { $0.kind == .alteredObject && $0.object == key })
    }
    try await replace(key, good, fixture)
    #expect(try await fixture.verify().isGood)
  }

  @Test("A6 a word changed inside a line, gzipped anew, is found in the block that holds it")
  func changedWord() async throws {
    let fixture = try await archived()
    let key = try #require(try await fixture.keys().first)
    let plain = try Gzip.decompress(try await bytes(key, fixture), limitBytes: 1 << 20)
    let text = String(decoding: plain, as: UTF8.self)
    let changed = text.replacing("round 0 message 3", with: "round 0 message 4", maxReplacements: 1)
    try await replace(key, Gzip.member(of: changed.utf8), fixture)
    #expect(
      try await fixture.verify().problems.contains { $0.kind == .alteredObject && $0.object == key }
    )
  }

  @Test("A6 a missing object is told by its key")
  func missingObject() async throws {
    let fixture = try await archived()
    let key = try #require(try await fixture.keys().last)
    try await fixture.objects.delete(ObjectKey(trusted: key))
    let report = try await fixture.verify()
    #expect(report.problems.count == 3)
    #expect(report.problems.allSatisfy { $0.kind == .missingObject && $0.object == key })
  }

  @Test("A6 an object that lost its end is corrupt for readers and senders, and no fault of theirs")
  func shortenedObject() async throws {
    let fixture = try await LogFixture(HistoryTests.smallPieces)
    let entry = try await fixture.send("hello", clientID: "one")
    try await fixture.log.flush(nil)
    let key = try #require(try await fixture.keys().first)
    try await replace(key, [0], fixture)
    let anew = fixture.reopened()
    let reading = await #expect(throws: StoreError.self) { () async throws in
      try await anew.log.entry(entry.seq, in: entry.conversationID)
    }
    #expect(reading?.kind == .corrupt)
    let sending = await #expect(throws: StoreError.self) { () async throws in
      try await anew.send("hello", clientID: "one")
    }
    #expect(sending?.kind == .corrupt)
    let problems = try await anew.verify().problems
    #expect(problems.contains { $0.kind == .alteredObject && $0.object == key })
  }

  @Test("A6 two objects that changed places are told apart from altered ones")
  func swappedObjects() async throws {
    let fixture = try await archived()
    let keys = try await fixture.keys()
    let (first, second) = (try await bytes(keys[0], fixture), try await bytes(keys[1], fixture))
    #expect(first != second)
    try await replace(keys[0], second, fixture)
    try await replace(keys[1], first, fixture)
    let kinds = Set(try await fixture.verify().problems.map(\.kind))
    #expect(kinds.contains(.misplaced))
  }

  @Test("A6 two lines that changed places are found by line, though the object is well formed")
  func swappedLines() async throws {
    let fixture = try await LogFixture()
    for number in 1...6 { try await fixture.send("message \(number)") }
    try await fixture.log.flush(nil)
    let key = try #require(try await fixture.keys().first)
    let plain = try Gzip.decompress(try await bytes(key, fixture), limitBytes: 1 << 20)
    var lines = String(decoding: plain, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    lines.swapAt(2, 3)
    let swapped = Gzip.member(of: lines.joined(separator: "\n").utf8)
    try await replace(key, swapped, fixture)
    // Let the documents agree with the altered object, as a careful forger would.
    _ = try fixture.memory.update(
      Update(
        "segments", where: .equal("key", .string(key)),
        [
          .set("objectBytes", .integer(Int64(swapped.count))),
          .set("objectSHA256", .string(Digest256(of: swapped).description)),
          .set("blocks", .array([.object(try blocks(fixture, length: swapped.count))])),
        ]))
    let problems = try await fixture.verify().problems
    #expect(problems.count == 1)
    #expect(problems.first?.kind == .misplaced && problems.first?.line == 3)
  }

  private func blocks(_ fixture: LogFixture, length: Int) throws -> [String: DocumentValue] {
    let document = try #require(
      try fixture.memory.find(Query("segments", limit: 1)).first)
    guard case .array(let blocks)? = document["blocks"], case .object(var block)? = blocks.first
    else { throw StoreError(.corrupt, "no blocks") }
    block["length"] = .integer(Int64(length))
    return block
  }

  @Test("A6 a tail cut off with all its documents is seen against the anchored head")
  func cutOffTail() async throws {
    let fixture = try await archived()
    let id = "\(fixture.conversation(2))/000000000011"
    #expect(try fixture.memory.delete("segments", where: .id(id)) == 1)
    let problems = try await fixture.verify().problems
    #expect(
      problems.contains {
        $0.kind == .cutOffTail && $0.conversation == "\(fixture.conversation(2))"
      })
  }

  @Test("A6 a tail cut off together with a matching state is still seen")
  func cutOffTailWithState() async throws {
    let fixture = try await archived()
    let conversation = fixture.conversation(2)
    let segments = try fixture.memory.find(
      Query(
        "segments", where: .prefix("id", "\(conversation)/"), sort: [.ascending("id")], limit: 9))
    _ = try fixture.memory.delete("segments", where: .id(try #require(segments.last?.id)))
    _ = try fixture.memory.update(
      Update(
        "archiveStates", where: .id("\(conversation)"),
        [
          .set("archivedSeq", .integer(10)),
          .set("archivedHead", try #require(segments.first?["headAfter"])),
        ]))
    #expect(try await fixture.verify().problems.contains { $0.kind == .cutOffTail })
  }

  @Test(
    "A6 an altered document is told by collection and identifier",
    arguments: [
      ("archiveStates", "archivedOrdinal"), ("archiveStates", "archivedSeq"), ("anchors", "seq"),
      ("segments", "firstSeq"), ("segments", "lastSeq"),
    ])
  func alteredNumber(collection: String, field: String) async throws {
    let fixture = try await archived()
    let name: CollectionName =
      collection == "anchors" ? "anchors" : collection == "segments" ? "segments" : "archiveStates"
    let path = try #require(FieldPath(field))
    _ = try fixture.memory.update(Update(name, where: .everything, [.increment(path, 1)]))
    let problems = try await fixture.verify().problems
    #expect(
      problems.contains {
        $0.kind == .alteredDocument && $0.document?.hasPrefix(collection) == true
      })
  }

  @Test("A6 an altered buffered message is found before it is archived")
  func alteredBuffer() async throws {
    let fixture = try await archived()
    let id = "\(fixture.conversation())/000000000021"
    let document = try #require(
      try fixture.memory.find(Query("entries", where: .id(id), limit: 1)).first)
    guard case .string(let line)? = document["line"] else { throw StoreError(.corrupt, "no line") }
    _ = try fixture.memory.update(
      Update(
        "entries", where: .id(id),
        [.set("line", .string(line.replacing("still", with: "never")))]))
    let problems = try await fixture.verify().problems
    #expect(problems.count == 1)
    #expect(problems.first?.kind == .alteredDocument && problems.first?.document == "entries/\(id)")
  }

  @Test("A6 an anchor that was forged without the key is seen")
  func forgedAnchor() async throws {
    let fixture = try await archived()
    _ = try fixture.memory.update(
      Update(
        "anchors", where: .everything,
        [.set("signature", .string(String(repeating: "ab", count: 32)))]))
    #expect(
      try await fixture.verify().problems.contains { $0.document?.hasPrefix("anchors/") == true })
  }

  @Test("A6 an object that nothing refers to is an orphan and no damage")
  func orphan() async throws {
    let fixture = try await archived()
    try await replace("packs/2026/01/01/left.jsonl.gz", [1, 2, 3], fixture)
    let report = try await fixture.verify()
    #expect(report.isGood)
    #expect(report.orphans == ["packs/2026/01/01/left.jsonl.gz"])
  }
}
