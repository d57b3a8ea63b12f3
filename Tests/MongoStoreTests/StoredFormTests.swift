// What lies in MongoDB, byte by byte, and what is read from it.

import ArchiveTesting
import MongoDriver
import Testing

@testable import ArchiveCore
@testable import MongoStore

@Suite("documents as BSON")
struct StoredFormTests {
  private static func stored(_ fields: [String: DocumentValue]) -> BSONDocument {
    DocumentBSON.document(Document(fields.merging(["id": "x"]) { $1 }))
  }

  private static func failure(_ bson: BSONDocument) -> StoreError.Kind? {
    do throws(StoreError) {
      _ = try DocumentBSONReader.document(bson)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test("fields are sorted, arrays lie in a document of their own, and `_id` gives way")
  func form() {
    let bson = Self.stored([
      "b": 5, "a": .array([1, .array([2]), .object(["z": .array([]), "y": true])]), "_id": "mine",
      "t": .time(Timestamp(milliseconds: 7)), "o": .object(["z": 1, "a": .array(["s"])]),
    ])
    let expected: BSONDocument = [
      "_id": "x", "schema-version": 1, "user-_id": "mine",
      "a": ["-": [.int64(1), [.int64(2)], ["y": true, "z": []]]], "b": .int64(5),
      "o": ["a": ["-": ["s"]], "z": .int64(1)], "t": .time(BSONTime(milliseconds: 7)),
    ]
    #expect(bson == expected)
  }

  @Test("equal documents are equal bytes, and come back as they were")
  func roundTrip() throws {
    var random = RandomDocuments(SeededGenerator.fromEnvironment("documents as BSON"))
    var count = 0
    for _ in 0..<4_000 {
      guard case .insert(let documents) = random.operation() else { continue }
      for document in documents where document.id?.isEmpty == false {
        let bson = DocumentBSON.document(document)
        let shuffled = Document(Dictionary(uniqueKeysWithValues: document.fields.reversed()))
        #expect(DocumentBSON.document(shuffled) == bson)
        #expect(try BSONDocument(checking: bson.bytes) == bson)
        #expect(try DocumentBSONReader.document(bson) == document)
        count += 1
      }
    }
    #expect(count > 1_000)
  }

  @Test("the deepest documents stay within what MongoDB takes")
  func depth() throws {
    for isArray in [true, false] {
      var value = DocumentValue.integer(1)
      for _ in 1..<Document.depthLimit { value = isArray ? .array([value]) : .object(["o": value]) }
      let document = Document(["id": "x", "v": value])
      try document.checkStorable()
      let bson = try BSONDocument(checking: DocumentBSON.document(document).bytes)
      #expect(try DocumentBSONReader.document(bson) == document)
    }
  }

  @Test("a document of a newer program is refused, one that is none of ours is corrupt")
  func foreign() {
    #expect(Self.failure(["_id": "x", "schema-version": 1]) == nil)
    #expect(Self.failure(["_id": "x", "schema-version": .int64(1), "touch-count": 5]) == nil)
    #expect(Self.failure(["_id": "x", "schema-version": 2]) == .refused)
    #expect(Self.failure(["_id": "x", "schema-version": 0]) == .refused)
    #expect(Self.failure(["_id": "x"]) == .corrupt)
    for value in [nil, 0.5, .minKey, .objectID(BSONObjectID(bytes: Array(0..<12))!)] as [BSONValue]
    {
      #expect(Self.failure(["_id": "x", "schema-version": 1, "v": value]) == .corrupt)
      #expect(Self.failure(["_id": "x", "schema-version": 1, "v": ["-": [value]]]) == .corrupt)
    }
  }

  @Test("damaged bytes are corrupt and never end the process")
  func damage() {
    let whole = Self.stored(["a": .array(["x", .object(["k": 1])]), "o": .object(["p": "q"])]).bytes
    for index in whole.indices {
      for byte in [0, 1, 4, 0x7F, 0xFF, whole[index] ^ 1] as [UInt8] {
        var bytes = whole
        bytes[index] = byte
        if let bson = try? BSONDocument(checking: bytes) { _ = Self.failure(bson) }
      }
    }
  }

  @Test("the string above all with a prefix skips what is no code point")
  func prefix() {
    let above = FilterBSON.firstString(aboveAllWithPrefix:)
    #expect(above("a") == "b" && above("") == nil && above("a\u{10FFFF}") == "b")
    #expect(above("\u{D7FF}") == "\u{E000}" && above("\u{10FFFF}\u{10FFFF}") == nil)
    #expect(above("x\u{7F}") == "x\u{80}" && above("\u{FFFF}") == "\u{10000}")
  }
}
