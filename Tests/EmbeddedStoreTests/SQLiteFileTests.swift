// Query plans, and files that are not what they should be.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@testable import EmbeddedStore

@Suite("the SQLite file")
struct SQLiteFileTests {
  private static let schema = CollectionSchema(
    "entries",
    indexes: [
      CollectionIndex("bySeq", on: [.ascending("conversation"), .ascending("seq")], kind: .unique),
      CollectionIndex("byTime", on: [.descending("at"), .ascending("id")]),
      CollectionIndex("expiry", on: [.ascending("expires")], kind: .expiring),
    ])

  private func plan(_ query: Query, in directory: String) throws -> String {
    let connection = try DatabaseFile(directory: directory, settings: SQLiteSettings()).openWriter()
    defer { connection.close() }
    try CollectionTable(schema: Self.schema).prepare(on: connection)
    let select = DocumentQuery(query)
    var steps: [String] = []
    try connection.forEachRow("EXPLAIN QUERY PLAN " + select.sql, select.values) { row in
      steps.append(row.text(3))
    }
    return steps.joined(separator: "; ")
  }

  @Test("indexed questions search their index and sort nothing")
  func indexed() async throws {
    let moment = DocumentValue.time(Timestamp(milliseconds: 5))
    let byConversation = Filter.equal("conversation", "c")
    let newest = [SortKey.descending("at")]
    var queries: [(Query, String)] = [
      (Query("entries", where: .id("a"), limit: 1), "SEARCH entries USING PRIMARY KEY"),
      (Query("entries", limit: 5), "SCAN entries"),
      (Query("entries", where: .greater("id", "a"), limit: 5), "SEARCH entries USING PRIMARY KEY"),
      (
        Query("entries", where: .and([byConversation, .equal("seq", 1)]), limit: 5),
        "SEARCH entries USING INDEX entries.bySeq (<expr>=? AND <expr>=?)"
      ),
      (Query("entries", sort: newest, limit: 5), "SCAN entries USING INDEX entries.byTime"),
      (
        Query("entries", where: .greater("at", moment), sort: newest, limit: 5),
        "SEARCH entries USING INDEX entries.byTime"
      ),
      (
        Query(
          "entries", where: .lessOrEqual("expires", moment), sort: [.ascending("expires")], limit: 5
        ),
        "SEARCH entries USING INDEX entries.expiry"
      ),
    ]
    for sort in [SortKey.ascending("seq"), .descending("seq")] {
      let whole = Query("entries", where: byConversation, sort: [sort], limit: 50)
      let page = Query(
        "entries", where: .and([byConversation, .greater("seq", 5), .lessOrEqual("seq", 9)]),
        sort: [sort], limit: 50)
      queries.append((whole, "SEARCH entries USING INDEX entries.bySeq (<expr>=?)"))
      queries.append(
        (page, "SEARCH entries USING INDEX entries.bySeq (<expr>=? AND <expr>>? AND <expr><?)"))
    }
    try await withTemporaryDirectory { directory in
      for (query, expected) in queries {
        let plan = try plan(query, in: directory)
        #expect(plan.hasPrefix(expected), "\(plan)")
        // Those that share all sorted fields are sorted by identifier, some at a time: no harm.
        let rest = plan.replacing("USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", with: "")
        #expect(!rest.contains("TEMP B-TREE"), "\(plan)")
      }
    }
  }

  @Test("a file of a newer program is refused and left alone")
  func newer() async throws {
    try await withTemporaryDirectory { directory in
      try change(directory, "PRAGMA user_version = 2")
      expectFailure(.refused, in: directory)
    }
  }

  @Test("another program's database is refused")
  func foreign() async throws {
    try await withTemporaryDirectory { directory in
      try change(directory, "PRAGMA application_id = 7")
      expectFailure(.refused, in: directory)
    }
  }

  @Test("a file that is no database is corrupt, a directory that is not there unavailable")
  func garbage() async throws {
    try await withTemporaryDirectory { directory in
      let garbage = Data(repeating: 0x5A, count: 8192)
      try garbage.write(to: URL(filePath: directory + "/archive.sqlite"))
      expectFailure(.corrupt, in: directory)
      expectFailure(.unavailable, in: directory + "/missing")
    }
  }

  private func change(_ directory: String, _ sql: String) throws {
    let connection = try DatabaseFile(directory: directory, settings: SQLiteSettings()).openWriter()
    try connection.run(sql)
    connection.close()
  }

  private func expectFailure(_ kind: StoreError.Kind, in directory: String) {
    let error = #expect(throws: StoreError.self) {
      try SQLiteDocumentStore(
        directory: directory, surroundings: ManualSurroundings().surroundings)
    }
    #expect(error?.kind == kind)
  }

  @Test("SQLite reads what is written as JSON, and every string as its bytes")
  func json() async throws {
    try await withTemporaryDirectory { directory in
      let connection = try DatabaseFile(directory: directory, settings: SQLiteSettings())
        .openWriter()
      for code in [0x00...0x300, 0x2000...0x2070, 0xFFF0...0x10010, 0x1F600...0x1F610] {
        for scalar in code.compactMap({ UnicodeScalar($0) }) {
          let text = "a\(scalar)b\(scalar)"
          let json = DocumentJSON.bytes(of: Document(["id": "x", "v": .string(text)]))
          try connection.forEachRow(
            "SELECT json_valid(?1), json_extract(?1, '$.v')", [.text(json)]
          ) { row in
            #expect(row.integer(0) == 1)
            #expect(row.bytes(1) == DocumentJSON.comparable(text))
          }
          #expect(try DocumentJSONReader.document(json)["v"] == .string(text))
        }
      }
      connection.close()
    }
  }

  @Test(
    "damaged documents are corrupt",
    arguments: [
      "", "{", "{}x", "[]", "null", #"{"a":null}"#, #"{"a":1.5}"#, #"{"a":1e5}"#, #"{"a":-}"#,
      #"{"a":9223372036854775808}"#, #"{"a":-9223372036854775809}"#, #"{"a":1,"a":2}"#,
      #"{"$a":1}"#,
      #"{"a":"\u0001"}"#, #"{"a":"\u0001\u0003"}"#, #"{"a":"\u0000"}"#, #"{"a":"\ud800"}"#,
      #"{"a":"\x"}"#, #"{"a":"\"#, #"{"a":tru}"#, #"{"a":[1,]}"#, #"{"a" :1}"#,
      #"{"a":253402300800000.0}"#, #"{"a":"\#u{7}"}"#, #"{"a":1.0.0}"#,
    ])
  func damaged(text: String) {
    let error = #expect(throws: StoreError.self) {
      try DocumentJSONReader.document(Array(text.utf8))
    }
    #expect(error?.kind == .corrupt)
  }

  @Test("no bytes trap the reader, and none that it takes are read otherwise the second time")
  func hostileBytes() throws {
    var generator = SeededGenerator.fromEnvironment("hostile bytes")
    let document = Document([
      "id": "a\u{0}é😀\n", "n": .integer(.min), "t": .time(Timestamp(milliseconds: -5)),
      "l": .array([true, .object(["x": "\\\""])]),
    ])
    let good = DocumentJSON.bytes(of: document)
    #expect(throws: StoreError.self) {
      try DocumentJSONReader.document(
        Array(#"{"a":"#.utf8) + Array(repeating: UInt8(ascii: "["), count: 1_000_000))
    }
    #expect(throws: StoreError.self) { try DocumentJSONReader.document(good + [0xFF]) }
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<generator.int(1...4) {
        let place = generator.int(0...bytes.count - 1)
        switch generator.int(0...3) {
        case 0: bytes[place] = UInt8(generator.int(0...255))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(bytes[generator.int(0...bytes.count - 1)], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      guard let read = try? DocumentJSONReader.document(bytes) else { continue }
      #expect(try DocumentJSONReader.document(DocumentJSON.bytes(of: read)) == read)
    }
  }

  @Test("a damaged row is corrupt for whoever reads it and harms no other")
  func damagedRow() async throws {
    try await withTemporaryDirectory { directory in
      let store = try SQLiteDocumentStore(
        directory: directory, surroundings: ManualSurroundings().surroundings)
      try await store.prepare([CollectionSchema("plain")])
      _ = try await store.insert([Document(["id": "a"]), Document(["id": "b"])], into: "plain")
      try await store.write { (session) throws(StoreError) in
        try session.connection.run("UPDATE plain SET document = '{' WHERE id = 'b'")
      }
      #expect(try await store.find(Query("plain", where: .id("a"), limit: 1)).count == 1)
      for filter in [Filter.id("b"), .equal("x", 1)] {
        let error = await #expect(throws: StoreError.self) {
          try await store.find(Query("plain", where: filter, limit: 1))
        }
        #expect(error?.kind == .corrupt)
      }
      await store.close()
    }
  }
}
