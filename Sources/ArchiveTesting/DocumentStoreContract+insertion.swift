// Inserting and deleting.

public import ArchiveCore
import Testing

extension DocumentStoreContract {
  static let insertion = [
    ContractCheck("a document is found as it was inserted") { store in
      let document = thing(
        "a",
        [
          "text": "\u{0}\u{1}\n\"\\\u{2028}\u{FEFF}😀e\u{301}", "flag": true, "low": .integer(.min),
          "high": .integer(.max), "at": .time(Timestamp(milliseconds: 1_767_225_600_123)),
          "early": .time(Timestamp(milliseconds: .min)),
          "late": .time(Timestamp(milliseconds: .max)),
          "tags": .array(["x", 1, .array([]), .object([:])]), "inner": .object(["deep": "y"]),
        ])
      try await insert([document], into: "plain", of: store)
      let found = try await store.find(Query("plain", limit: 2))
      #expect(found == [document])
    },
    ContractCheck("insert stops at the first conflict and keeps the documents in front of it") {
      store in
      try await insert([thing("b")], into: "plain", of: store)
      let outcome = try await store.insert(
        [thing("a"), thing("b"), thing("c")], into: "plain")
      #expect(outcome.insertedCount == 1)
      #expect(outcome.failure?.kind == .conflict)
      #expect(outcome.failure?.index == "id")
      #expect(try await ids(store, "plain") == ["a", "b"])
    },
    ContractCheck("insert stops at the first invalid document and keeps those in front of it") {
      store in
      let outcome = try await store.insert(
        [thing("a"), Document(["id": ""]), thing("c")], into: "plain")
      #expect(outcome.insertedCount == 1)
      #expect(outcome.failure?.kind == .invalid)
      #expect(try await ids(store, "plain") == ["a"])
    },
    ContractCheck("a unique index refuses the same values and names itself") { store in
      try await insert([thing("a", ["owner": "o", "seq": 1])], into: "things", of: store)
      let outcome = try await store.insert(
        [thing("b", ["owner": "o", "seq": 1])], into: "things")
      #expect(outcome.insertedCount == 0)
      #expect(outcome.failure?.kind == .conflict)
      #expect(outcome.failure?.index == "byOwner")
    },
    ContractCheck("where the identifier and a unique index are taken, the identifier is named") {
      store in
      let document = thing("a", ["owner": "o", "seq": 1])
      try await insert([document], into: "things", of: store)
      let outcome = try await store.insert([document], into: "things")
      #expect(outcome.failure?.kind == .conflict)
      #expect(outcome.failure?.index == "id")
    },
    ContractCheck("a document that lacks a field of a unique index is not constrained") { store in
      let documents = [
        thing("a", ["owner": "o"]), thing("b", ["owner": "o"]), thing("c"), thing("d"),
        thing("e", ["owner": "o", "seq": 2]), thing("f", ["owner": "p", "seq": 2]),
      ]
      try await insert(documents, into: "things", of: store)
      #expect(try await store.count("things", where: .everything) == 6)
    },
    ContractCheck("inserting nothing succeeds") { store in
      let outcome = try await store.insert([], into: "plain")
      #expect(outcome.insertedCount == 0 && outcome.failure == nil)
    },
    ContractCheck("delete removes what satisfies the filter and says how many") { store in
      try await insert([thing("a", ["n": 1]), thing("b", ["n": 2])], into: "plain", of: store)
      #expect(try await store.delete("plain", where: .greater("n", 1)) == 1)
      #expect(try await store.delete("plain", where: .greater("n", 1)) == 0)
      #expect(try await ids(store, "plain") == ["a"])
    },
    ContractCheck("inserts from many tasks all arrive, each identifier once") { store in
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<64 {
          group.addTask {
            try await store.insert([thing("id\(number / 2)")], into: "plain").insertedCount
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(counts == 32)
      #expect(try await store.count("plain", where: .everything) == 32)
    },
    ContractCheck("ping answers") { store in try await store.ping() },
  ]

  static func thing(_ id: String, _ fields: [String: DocumentValue] = [:]) -> Document {
    Document(fields.merging(["id": .string(id)]) { $1 })
  }

  static func insert(
    _ documents: [Document], into collection: CollectionName, of store: any DocumentStore
  ) async throws {
    let outcome = try await store.insert(documents, into: collection)
    if let failure = outcome.failure { throw failure }
    try #require(outcome.insertedCount == documents.count)
  }

  /// The identifiers of what a query finds, in its order.
  static func ids(
    _ store: any DocumentStore, _ collection: CollectionName, _ filter: Filter = .everything,
    sort: [SortKey] = []
  ) async throws -> [String] {
    let query = Query(collection, where: filter, sort: sort, limit: 10_000)
    return try await store.find(query).compactMap(\.id)
  }

  /// The kind of error that the closure throws.
  static func failure(_ body: () async throws -> Void) async -> StoreError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? StoreError
    }
  }
}

extension DocumentValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral
{
  public init(stringLiteral text: String) { self = .string(text) }
  public init(integerLiteral number: Int64) { self = .integer(number) }
  public init(booleanLiteral truth: Bool) { self = .bool(truth) }
}
