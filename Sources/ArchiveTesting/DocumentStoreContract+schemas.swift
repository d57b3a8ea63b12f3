// Preparing collections, hostile documents, and the stream of changes.

import ArchiveCore
import Testing

extension DocumentStoreContract {
  static let schemaChecks = [
    ContractCheck("preparing again changes nothing") { store in
      try await insert([thing("a")], into: "things", of: store)
      try await store.prepare(schemas)
      #expect(try await ids(store, "things") == ["a"])
    },
    ContractCheck("an index that exists with another definition is refused") { store in
      let others = [
        CollectionIndex("byOwner", on: [.ascending("owner"), .ascending("seq")]),
        CollectionIndex("byOwner", on: [.ascending("owner")], kind: .unique),
        CollectionIndex("byRank", on: [.ascending("rank"), .ascending("id")]),
        CollectionIndex("byExpiry", on: [.ascending("expires")]),
      ]
      for other in others {
        let schema = CollectionSchema("things", indexes: [other])
        #expect(await failure { try await store.prepare([schema]) }?.kind == .refused)
      }
    },
    ContractCheck("a collection that was never prepared is invalid") { store in
      let error = await failure { _ = try await store.find(Query("unknown", limit: 1)) }
      #expect(error?.kind == .invalid)
      #expect(
        await failure { try await store.delete("unknown", where: .everything) }?.kind == .invalid)
    },
    ContractCheck("two collections keep their documents and index names apart") { store in
      let index = CollectionIndex("byOwner", on: [.ascending("owner")], kind: .unique)
      try await store.prepare([CollectionSchema("others", indexes: [index])])
      try await insert([thing("a", ["owner": "o"])], into: "others", of: store)
      try await insert([thing("a", ["owner": "o", "seq": 1])], into: "things", of: store)
      #expect(try await store.delete("others", where: .everything) == 1)
      #expect(try await ids(store, "things") == ["a"])
    },
  ]

  static let hostile = [
    ContractCheck("an identifier is 1 to 512 bytes of anything") { store in
      let longest = String(repeating: "é", count: 256)
      for id in [longest, "\u{0}", "'; DROP TABLE plain; --", "\"", "$", ".", "😀", " "] {
        try await insert([thing(id)], into: "plain", of: store)
        #expect(try await ids(store, "plain", .id(id)) == [id])
      }
      for id in ["", longest + "a", String(repeating: "a", count: 513)] {
        let outcome = try await store.insert([thing(id)], into: "plain")
        #expect(outcome.failure?.kind == .invalid)
      }
      let numbered = try await store.insert([Document(["id": 1])], into: "plain")
      #expect(numbered.failure?.kind == .invalid)
    },
    ContractCheck("a field name that is none is invalid at every depth, and is not repeated") {
      store in
      for name in ["", "$secret", "a.secret", "se cret", "é", String(repeating: "a", count: 65)] {
        for fields in [[name: 1], ["o": .object([name: 1])], ["o": .array([.object([name: 1])])]]
          as [[String: DocumentValue]]
        {
          let outcome = try await store.insert([thing("a", fields)], into: "plain")
          #expect(outcome.failure?.kind == .invalid)
          #expect(outcome.failure?.description.contains("secret") != true)
        }
      }
    },
    ContractCheck("a document at the limit of depth is stored, a deeper one is invalid") { store in
      var value = DocumentValue.integer(1)
      for level in 1..<Document.depthLimit {
        value = level % 2 == 0 ? .array([value]) : .object(["o": value])
      }
      let deepest = thing("a", ["v": value])
      try await insert([deepest], into: "plain", of: store)
      #expect(try await store.find(Query("plain", limit: 1)) == [deepest])
      let outcome = try await store.insert([thing("b", ["v": .array([value])])], into: "plain")
      #expect(outcome.failure?.kind == .invalid)
      let update = Update("plain", where: .id("a"), [.set("w", .object(["o": value]))])
      #expect(await failure { try await store.update(update) }?.kind == .invalid)
    },
    ContractCheck("a large document is stored, one above the limit is invalid") { store in
      let large = thing("a", ["v": .string(String(repeating: "\u{1}", count: 1_000_000))])
      try await insert([large], into: "plain", of: store)
      #expect(try await store.find(Query("plain", limit: 1)) == [large])
      let tooLarge = String(repeating: "x", count: Document.sizeLimitBytes)
      let outcome = try await store.insert([thing("b", ["v": .string(tooLarge)])], into: "plain")
      #expect(outcome.failure?.kind == .invalid)
    },
  ]

  static let changeChecks = [
    ContractCheck("changes tells inserted and changed documents in order, and nothing else") {
      store in
      try await insert([thing("before")], into: "plain", of: store)
      let stream = try await store.changes(of: "plain", since: nil)
      try await insert([thing("a"), thing("b")], into: "plain", of: store)
      try await insert([thing("else")], into: "things", of: store)
      try await store.update(Update("plain", where: .id("a"), [.set("n", 1)]))
      try await store.update(Update("plain", where: .id("a"), [.set("n", 1)]))
      try await store.delete("plain", where: .id("b"))
      _ = await failure {
        try await store.transact([
          .insert(thing("c"), into: "plain"), .expect("plain", where: .nothing),
        ])
      }
      try await insert([thing("d")], into: "plain", of: store)
      let heard = try await first(4, of: stream)
      #expect(heard.map(\.document) == [thing("a"), thing("b"), thing("a", ["n": 1]), thing("d")])
      #expect(heard.map { $0.kind == .inserted } == [true, true, false, true])
    },
    ContractCheck("a reader resumes behind the position it reached") { store in
      let stream = try await store.changes(of: "plain", since: nil)
      try await insert([thing("a"), thing("b"), thing("c")], into: "plain", of: store)
      let position = try await first(1, of: stream).last?.position
      try await insert([thing("d")], into: "plain", of: store)
      let resumed = try await store.changes(of: "plain", since: position)
      try await insert([thing("e")], into: "plain", of: store)
      let heard = try await first(4, of: resumed)
      #expect(heard.compactMap(\.document.id) == ["b", "c", "d", "e"])
    },
    ContractCheck("a position that this engine did not give is refused") { store in
      for token in ["", "x", "x-1", "-", "18446744073709551615"] {
        let error = await failure {
          let stream = try await store.changes(of: "plain", since: ChangePosition(token: token))
          _ = try await first(1, of: stream)
        }
        #expect(error?.kind == .refused)
      }
    },
  ]

  static func first(
    _ count: Int, of stream: AsyncThrowingStream<CollectionChange, any Error>
  ) async throws -> [CollectionChange] {
    var changes: [CollectionChange] = []
    for try await change in stream {
      changes.append(change)
      if changes.count == count { break }
    }
    return changes
  }
}
