// Orders, limits and pages.

import ArchiveCore
import Testing

extension DocumentStoreContract {
  private static let ranked: [Document] = [
    thing("a", ["rank": 2, "name": "x"]), thing("b", ["rank": 1, "name": "x"]),
    thing("c", ["name": "y"]), thing("d", ["rank": 2]), thing("e", ["rank": 3, "name": "z"]),
    thing("f"),
  ]

  static let orders = [
    ContractCheck("without a sort the order is that of the identifier's bytes") { store in
      let names = ["b", "a", "B", "é", "e\u{301}", "z", "aa"]
      try await insert(names.map { thing($0) }, into: "plain", of: store)
      let found = try await ids(store, "plain").map { Array($0.utf8) }
      #expect(found == ["B", "a", "aa", "b", "e\u{301}", "z", "é"].map { Array($0.utf8) })
    },
    ContractCheck("a missing field sorts before everything, and the identifier decides last") {
      store in
      try await insert(ranked, into: "things", of: store)
      #expect(
        try await ids(store, "things", sort: [.ascending("rank")]) == [
          "c", "f", "b", "a", "d", "e",
        ])
      #expect(
        try await ids(store, "things", sort: [.descending("rank")]) == [
          "e", "a", "d", "b", "c", "f",
        ])
      #expect(
        try await ids(store, "things", sort: [.descending("rank"), .descending("id")])
          == ["e", "d", "a", "b", "f", "c"])
      #expect(
        try await ids(store, "things", sort: [.ascending("name"), .descending("rank")])
          == ["d", "f", "a", "b", "c", "e"])
    },
    ContractCheck("several questions are answered in their order, and one wrong one refuses all") {
      store in
      try await insert(ranked, into: "things", of: store)
      let answers = try await store.find([
        Query("things", where: .id("b"), limit: 5), Query("plain", limit: 5),
        Query("things", sort: [.descending("id")], limit: 1),
      ])
      #expect(answers.map { $0.compactMap(\.id) } == [["b"], [], ["f"]])
      #expect(try await store.find([Query]()).isEmpty)
      await #expect(throws: StoreError.self) {
        try await store.find([Query("things", limit: 1), Query("things", limit: -1)])
      }
    },
    ContractCheck("a limit cuts, zero finds nothing, a negative one is invalid") { store in
      try await insert(ranked, into: "things", of: store)
      #expect(try await store.find(Query("things", limit: 2)).compactMap(\.id) == ["a", "b"])
      #expect(try await store.find(Query("things", limit: 0)).isEmpty)
      #expect(try await store.find(Query("things", limit: .max)).count == 6)
      let wrong = Query("things", limit: -1)
      #expect(await failure { _ = try await store.find(wrong) }?.kind == .invalid)
    },
    ContractCheck("pages of every size and order together are the whole, nothing twice") { store in
      try await insert(ranked, into: "things", of: store)
      let sorts: [[SortKey]] = [
        [], [.ascending("rank")], [.descending("rank")], [.ascending("id")], [.descending("id")],
        [.descending("name"), .ascending("rank")], [.ascending("rank"), .descending("id")],
        [.descending("rank"), .descending("name")],
      ]
      for sort in sorts {
        let whole = try await ids(store, "things", sort: sort)
        for size in 1...4 {
          #expect(try await paged(store, sort: sort, size: size) == whole)
        }
      }
    },
    ContractCheck(
      "a cursor of another order finds nothing, and one that holds no scalars is invalid"
    ) { store in
      try await insert(ranked, into: "things", of: store)
      let short = Query("things", limit: 5, after: PageCursor(values: []))
      #expect(try await store.find(short).isEmpty)
      let wrong = Query("things", limit: 5, after: PageCursor(values: [.array([])]))
      #expect(await failure { _ = try await store.find(wrong) }?.kind == .invalid)
    },
  ]

  private static func paged(_ store: any DocumentStore, sort: [SortKey], size: Int) async throws
    -> [String]
  {
    var query = Query("things", sort: sort, limit: size)
    var found: [String] = []
    while found.count < 100 {
      let page = try await store.find(query)
      found += page.compactMap(\.id)
      guard page.count == size, let last = page.last else { break }
      query.after = query.cursor(behind: last)
    }
    return found
  }
}
