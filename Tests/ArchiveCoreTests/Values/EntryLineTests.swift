// The canonical line of an entry, and the two ways to read it.

import ArchiveTesting
import Testing

@testable import ArchiveCore

@Suite("Entry lines")
struct EntryLineTests {
  private static func entry(_ random: inout SeededGenerator) -> Entry {
    func maybe<Value>(_ value: Value) -> Value? { random.oneIn(2) ? value : nil }
    let texts = ["", "plain", "with \"quotes\" and \\", "line\nfeed", "日本語 😀", "\u{0}\u{1}"]
    return Entry(
      conversationID: ConversationID(ULID(high: random.next() >> 1, low: random.next())),
      seq: Int64(random.int(1...999_999_999_999)), ordinal: Int64(random.int(0...1_000_000)),
      kind: random.pick([.message, .edit, .deletion, EntryKind(rawValue: "memberAdded")]),
      senderID: maybe(UserID(ULID(high: random.next() >> 1, low: random.next()))),
      createdAt: Timestamp(milliseconds: Int64(random.int(0...4_000_000_000_000))),
      text: maybe(random.pick(texts)), replyTo: maybe(Int64(random.int(1...99))),
      target: maybe(Int64(random.int(1...99))), clientID: maybe(random.pick(texts)),
      data: random.oneIn(5) ? ["title": .string(random.pick(texts))] : nil,
      files: random.oneIn(5) ? [file(&random), file(&random)] : [])
  }

  private static func file(_ random: inout SeededGenerator) -> AttachedFile {
    let side = random.oneIn(2) ? Int64(random.int(1...9999)) : nil
    return AttachedFile(
      id: FileID(ULID(high: random.next(), low: random.next())),
      name: random.pick(["a", "b \"c\".png", "日本語.txt"]), contentType: "image/png",
      sizeBytes: Int64(random.int(0...1_000_000)), width: side, height: side)
  }

  @Test("A6 an entry reads back from its line, by the fast way as by the thorough one")
  func roundTrip() throws {
    var random = SeededGenerator.fromEnvironment("entry lines")
    var fast = 0
    for _ in 0..<3000 {
      let entry = Self.entry(&random)
      let line = EntryLine(entry)
      #expect(try line.entry() == entry)
      if let scanned = CanonicalLineScanner.entry(line.bytes[...]) {
        #expect(scanned == entry)
        fast += 1
      }
    }
    #expect(fast > 500, "the fast way is hardly ever taken")
  }

  @Test("A6 keys are sorted, nothing is between them, absent fields are left out")
  func form() {
    let entry = Entry(
      conversationID: ConversationID(ULID(high: 0, low: 1)), seq: 2, ordinal: 1, kind: .message,
      senderID: nil, createdAt: Timestamp(milliseconds: 0), text: "a\"b", replyTo: 1, target: nil,
      clientID: "c", data: nil)
    #expect(
      String(decoding: EntryLine(entry).bytes, as: UTF8.self)
        == #"{"clientId":"c","conversationId":"00000000000000000000000001","createdAt":"1970-01-01T00:00:00.000Z","kind":"message","ordinal":1,"replyTo":1,"seq":2,"text":"a\"b"}"#
    )
  }

  @Test("A4 files stand in the line of their message, without their bytes")
  func files() throws {
    let file = AttachedFile(
      id: FileID(ULID(high: 0, low: 2)), name: "a.png", contentType: "image/png", sizeBytes: 7,
      width: 4, height: 3)
    let entry = Entry(
      conversationID: ConversationID(ULID(high: 0, low: 1)), seq: 2, ordinal: 1, kind: .message,
      senderID: nil, createdAt: Timestamp(milliseconds: 0), text: nil, replyTo: nil, target: nil,
      clientID: nil, data: nil, files: [file])
    #expect(
      String(decoding: EntryLine(entry).bytes, as: UTF8.self)
        == #"{"conversationId":"00000000000000000000000001","createdAt":"1970-01-01T00:00:00.000Z","files":[{"contentType":"image/png","height":3,"id":"00000000000000000000000002","name":"a.png","size":7,"width":4}],"kind":"message","ordinal":1,"seq":2}"#
    )
    let damaged =
      #"{"conversationId":"00000000000000000000000001","createdAt":"1970-01-01T00:00:00.000Z","files":[{"id":5}],"kind":"message","ordinal":1,"seq":2}"#
    #expect(throws: StoreError.self) { try EntryLine(bytes: Array(damaged.utf8)).entry() }
  }

  @Test("a line with spaces, another order of keys or an unknown field still reads")
  func otherForms() throws {
    let line =
      #"{ "seq": 2, "kind": "message", "ordinal": 1, "new": [1], "conversationId": "00000000000000000000000001", "createdAt": "1970-01-01T00:00:00.000Z" }"#
    #expect(try EntryLine(bytes: Array(line.utf8)).entry().seq == 2)
  }

  @Test(
    "a line that is no entry is corrupt",
    arguments: [
      "", "{}", "[]", #"{"seq":1}"#,
      #"{"conversationId":"x","createdAt":"1970-01-01T00:00:00.000Z","kind":"message","ordinal":1,"seq":1}"#,
      #"{"conversationId":"00000000000000000000000001","createdAt":"1970-01-01T00:00:00.000Z","kind":"message","ordinal":1,"seq":0}"#,
      #"{"conversationId":"00000000000000000000000001","createdAt":"1970-01-01T00:00:00.000Z","kind":"message","ordinal":1,"senderId":"me","seq":1}"#,
    ])
  func corrupt(text: String) {
    let error = #expect(throws: StoreError.self) { try EntryLine(bytes: Array(text.utf8)).entry() }
    #expect(error?.kind == .corrupt)
  }
}
