// What the engine on MongoDB does beyond the contract.

import ArchiveCore
import ArchiveTesting
import Foundation
import Logging
import MongoDriver
import Testing

@testable import MongoStore

private let schema = CollectionSchema(
  "things",
  indexes: [
    CollectionIndex("pair", on: [.ascending("a"), .ascending("b")], kind: .unique),
    CollectionIndex("byN", on: [.ascending("n")]),
    CollectionIndex("expiry", on: [.ascending("expires")], kind: .expiring),
  ])

private func thing(_ id: String, _ fields: [String: DocumentValue] = [:]) -> Document {
  Document(fields.merging(["id": .string(id)]) { $1 })
}

private func failure(_ body: () async throws -> Void) async -> StoreError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? StoreError
  }
}

@Suite(
  "the MongoDB document store",
  .enabled(if: MongoServer.isThere, MongoServer.skipped), .serialized)
struct MongoDocumentStoreTests {
  private func withThings(
    _ documents: [Document] = [],
    _ body: (MongoDocumentStore, MongoClient) async throws -> Void
  ) async throws {
    try await MongoServer.withStore { (store, client) async throws in
      try await store.prepare([schema])
      let outcome = try await store.insert(documents, into: "things")
      try #require(outcome.insertedCount == documents.count)
      try await body(store, client)
    }
  }

  @Test("a field of the name `_id` is a field like others")
  func ownIdentifier() async throws {
    try await withThings([thing("x", ["_id": "mine"]), thing("mine")]) { (store, _) async throws in
      #expect(
        try await store.find(Query("things", where: .equal("_id", "mine"), limit: 5)).count == 1)
      let update = Update("things", where: .id("x"), [.set("_id", .array([1]))])
      #expect(try await store.update(update).after == thing("x", ["_id": .array([1])]))
      #expect(try await store.count("things", where: .contains("_id", 1)) == 1)
    }
  }

  @Test("arrays are single values: in unique indexes, in orders, and under paths")
  func arrays() async throws {
    let documents = [
      thing("p", ["a": .array([1, 2]), "b": .array([3, 4])]),
      thing("q", ["a": .array([2, 1]), "b": .array([3, 4])]),
      thing("r", ["n": .array([.object(["0": 5, "k": 6]), 7])]),
      thing("s", ["n": .object(["0": 5])]),
    ]
    try await withThings(documents) { (store, _) async throws in
      let taken = try await store.insert(
        [thing("t", ["a": .array([1, 2]), "b": .array([3, 4])])], into: "things")
      #expect(taken.failure?.index == "pair")
      #expect(try await store.count("things", where: .equal("n.0", 5)) == 1)
      #expect(try await store.count("things", where: .exists("n.k")) == 0)
      #expect(try await store.count("things", where: .missing("n.0.k")) == 4)
      #expect(try await store.count("things", where: .contains("n", 7)) == 1)
      let wrong = Update("things", where: .id("r"), [.set("n.0", 1)])
      #expect(await failure { try await store.update(wrong) }?.kind == .invalid)
    }
  }

  @Test("a document as deep as may be is stored, whatever it is made of, and grows no deeper")
  func deepest() async throws {
    try await withThings { (store, _) async throws in
      var array = DocumentValue.integer(1)
      var object = array
      for _ in 1..<Document.depthLimit {
        array = .array([array])
        object = .object(["o": object])
      }
      let documents = [thing("a", ["v": array]), thing("o", ["v": object])]
      #expect(try await store.insert(documents, into: "things").failure == nil)
      #expect(try await store.find(Query("things", limit: 3)) == documents)
      let changed = Update("things", where: .everything, [.set("w.x", 1)], extent: .all)
      #expect(try await store.update(changed).matchedCount == 2)
      #expect(try await store.count("things", where: .equal("w.x", 1)) == 2)
    }
  }

  @Test("changes to objects leave their fields sorted, so that equal objects stay equal")
  func sortedObjects() async throws {
    let one = thing(
      "a", ["a": .object(["k": 1, "m": 2]), "b": 1, "l": .array([.object(["k": 1, "m": 2])])])
    try await withThings([one, thing("b", ["a": .object(["m": 2]), "b": 1])]) {
      (store, _) async throws in
      let update = Update("things", where: .id("b"), [.set("a.k", 1)])
      #expect(await failure { try await store.update(update) }?.index == "pair")
      let object = DocumentValue.object(["m": 2, "k": 1])
      let same = Update("things", where: .id("a"), [.addToSet("l", object)])
      #expect(try await store.update(same).after == one)
      let none = Update("things", where: .id("a"), [.pull("l", object)])
      _ = try await store.update(none)
      #expect(
        try await store.find(Query("things", where: .id("a"), limit: 1)).first?["l"] == .array([]))
    }
  }

  @Test("a document grows up to the limit and not beyond it")
  func growth() async throws {
    let large = DocumentValue.string(String(repeating: "x", count: 5_000_000))
    try await withThings([thing("a", ["l": .array([large])])]) { (store, _) async throws in
      let push = Update("things", where: .id("a"), [.push("l", large)])
      #expect(try await store.update(push).matchedCount == 1)
      let refused = await failure {
        try await store.update(
          Update("things", where: .id("a"), [.push("l", large), .push("m", large)]))
      }
      #expect(refused?.kind == .invalid)
      let set = Update("things", where: .id("a"), [.set("s", large), .set("t", large)])
      #expect(await failure { try await store.update(set) }?.kind == .invalid)
      let after = try await store.find(Query("things", where: .id("a"), limit: 1))
      #expect(after.first == thing("a", ["l": .array([large, large])]))
    }
  }

  @Test("of transactions that expect what the other changes, never both succeed")
  func writeSkew() async throws {
    try await withThings([thing("a"), thing("b")]) { (store, _) async throws in
      for round in 0..<30 as Range<Int64> {
        let winners = await withTaskGroup(of: Int.self) { group in
          for (mine, other) in [("a", "b"), ("b", "a")] {
            group.addTask {
              let error = await failure {
                try await store.transact([
                  .expect("things", where: .and([.id(other), .not(.equal("n", .integer(round)))])),
                  .update(
                    Update("things", where: .id(mine), [.set("n", .integer(round))]),
                    mustMatch: true),
                ])
              }
              return error == nil ? 1 : 0
            }
          }
          return await group.reduce(0, +)
        }
        #expect(winners == 1)
      }
      let all = try await store.find(Query("things", limit: 3))
      #expect(all.allSatisfy { $0.fields.keys.sorted() == ["id", "n"] })
    }
  }

  @Test("upserts from many tasks make one document, and all count", arguments: [false, true])
  func upserts(isNested: Bool) async throws {
    try await withThings { (store, _) async throws in
      let path: FieldPath = isNested ? "o.n" : "n"
      let update = Update(
        "things", where: .id("a"), [.increment(path, 1)],
        extent: .upsert(insertedOnMiss: thing("a")))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<24 { group.addTask { try await store.update(update) } }
        try await group.waitForAll()
      }
      #expect(try await store.count("things", where: .equal(path, 24)) == 1)
    }
  }

  @Test(
    "an update of all by a type-bound change fits all or changes none, and needs no transaction")
  func changeAll() async throws {
    let documents = (0..<20).map { thing("d\($0)", ["n": .integer(Int64($0))]) }
    try await withThings(documents) { (store, _) async throws in
      let update = Update("things", where: .everything, [.max("n", 10)], extent: .all)
      #expect(try await store.update(update).matchedCount == 20)
      #expect(try await store.count("things", where: .equal("n", 10)) == 11)
      _ = try await store.insert([thing("text", ["n": "x"])], into: "things")
      let higher = Update("things", where: .everything, [.max("n", 30)], extent: .all)
      #expect(await failure { try await store.update(higher) }?.kind == .invalid)
      #expect(try await store.count("things", where: .equal("n", 30)) == 0)
      let pair = Update(
        "things", where: .less("n", 12), [.set("a", 1), .set("b", 1)], extent: .all)
      #expect(await failure { try await store.update(pair) }?.index == "pair")
      #expect(try await store.count("things", where: .exists("a")) == 0)
    }
  }

  @Test("an expired document goes by an index of the server, and any other definition is told")
  func definitions() async throws {
    try await withThings { (store, client) async throws in
      let indexes = try await client.run { (connection) throws(MongoError) in
        try connection.listIndexes("things")
      }
      let expiry = indexes.first { $0["name"] == "expiry" }
      #expect(expiry?["expireAfterSeconds"]?.asInteger == 0)
      #expect(expiry?["key"]?.asDocument == ["expires": 1])
      let byN = indexes.first { $0["name"] == "byN" }
      #expect(byN?["key"]?.asDocument == ["n": 1, "_id": 1])
      let changes: [(String, BSONDocument)] = [
        ("foreign", ["key": ["n": 1], "name": "byN"]),
        ("sparse", ["key": ["n": 1, "_id": 1], "name": "byN", "sparse": true]),
        ("hidden", ["key": ["n": 1, "_id": 1], "name": "byN", "hidden": true]),
        ("whole", ["key": ["a": 1, "b": 1], "name": "pair", "unique": true]),
        ("late", ["key": ["expires": 1], "name": "expiry", "expireAfterSeconds": 60]),
        ("renamed", ["key": ["n": 1, "_id": 1], "name": "another"]),
      ]
      for (collection, definition) in changes {
        try await client.run { (connection) throws(MongoError) in
          try connection.createIndexes(collection, [definition])
        }
        let name = CollectionName(stringLiteral: collection)
        let error = await failure {
          try await store.prepare([CollectionSchema(name, indexes: schema.indexes)])
        }
        #expect(error?.kind == .refused)
        #expect(error?.message.contains(collection) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("a collection that compares by a language's rules, and a view, are refused")
  func otherCollections() async throws {
    try await withThings { (store, client) async throws in
      let commands: [BSONDocument] = [
        ["create": "french", "collation": ["locale": "fr"]],
        ["create": "seen", "viewOn": "things", "pipeline": []],
        ["create": "ring", "capped": true, "size": 4096],
      ]
      for command in commands {
        _ = try await client.run { (connection) throws(MongoError) in try connection.run(command) }
      }
      for name in ["french", "seen", "ring"] as [CollectionName] {
        #expect(
          await failure { try await store.prepare([CollectionSchema(name)]) }?.kind == .refused)
      }
    }
  }

  @Test("what another process prepared can be used")
  func preparedElsewhere() async throws {
    try await withThings([thing("a")]) { (_, client) async throws in
      let other = MongoDocumentStore(client)
      #expect(try await other.find(Query("things", limit: 2)) == [thing("a")])
      #expect(await failure { _ = try await other.find(Query("none", limit: 2)) }?.kind == .invalid)
    }
  }

  @Test("changes are heard in other processes, resumed there, and tell nothing of expectations")
  func changes() async throws {
    try await withThings([thing("a")]) { (store, client) async throws in
      let other = MongoDocumentStore(client)
      let stream = try await other.changes(of: "things", since: nil)
      try await store.transact([
        .expect("things", where: .id("a")),
        .update(Update("things", where: .id("a"), [.set("n", 1)]), mustMatch: true),
        .expect("things", where: .id("a")),
      ])
      try await store.transact([.expect("things", where: .id("a"))])
      try await store.update(Update("things", where: .id("a"), [.set("o.p", 1)]))
      _ = try await store.insert([thing("b")], into: "things")
      var heard: [CollectionChange] = []
      for try await change in stream {
        heard.append(change)
        if change.document.id == "b" { break }
      }
      #expect(heard.map(\.document.id) == ["a", "a", "b"])
      #expect(heard.map { $0.kind == .inserted } == [false, false, true])
      #expect(heard[1].document == thing("a", ["n": 1, "o": .object(["p": 1])]))
      let resumed = try await store.changes(of: "things", since: heard[1].position)
      var reader = resumed.makeAsyncIterator()
      #expect(try await reader.next()?.document == thing("b"))
      try await store.prepare([CollectionSchema("others")])
      let foreign = await failure {
        _ = try await store.changes(of: "others", since: heard[1].position)
      }
      #expect(foreign?.kind == .refused)
    }
  }
}

@Suite(
  "the MongoDB document store and a server that fails",
  .enabled(if: MongoServer.isThere, MongoServer.skipped), .serialized)
struct MongoFaultTests {
  @Test("M04 an insertion whose first answer was lost is no conflict with itself")
  func lostAnswer() async throws {
    try await MongoServer.withStore { (store, client) async throws in
      try await store.prepare([schema])
      let lost: [(String, BSONValue)] = [
        ("failCommands", ["insert"]), ("errorLabels", ["RetryableWriteError"]),
        ("writeConcernError", ["code": 64, "errmsg": "the answer is lost"]),
      ]
      try await FailPoints.during(lost, times: 1, on: client) { () async throws in
        let outcome = try await store.insert([thing("a"), thing("b")], into: "things")
        #expect(outcome.insertedCount == 2 && outcome.failure == nil)
      }
      let cut: [(String, BSONValue)] = [("failCommands", ["insert"]), ("closeConnection", true)]
      try await FailPoints.during(cut, times: 1, on: client) { () async throws in
        let outcome = try await store.insert([thing("c")], into: "things")
        #expect(outcome.failure == nil)
      }
    }
  }

  @Test("M03 a write that the majority did not confirm is not taken for done")
  func notConfirmed() async throws {
    try await MongoServer.withStore { (store, client) async throws in
      try await store.prepare([schema])
      let failed: [(String, BSONValue)] = [
        ("failCommands", ["insert", "findAndModify", "update", "delete"]),
        ("writeConcernError", ["code": 64, "errmsg": "waiting for replication timed out"]),
      ]
      try await FailPoints.during(failed, times: 100, on: client) { () async throws in
        let errors = [
          await failure { _ = try await store.insert([thing("a")], into: "things") },
          await failure {
            try await store.update(Update("things", where: .id("a"), [.set("n", 1)]))
          },
          await failure {
            try await store.update(
              Update("things", where: .everything, [.set("n", 1)], extent: .all))
          },
          await failure { try await store.delete("things", where: .everything) },
        ]
        #expect(errors.map { $0?.kind } == Array(repeating: .unavailable, count: 4))
      }
    }
  }

  @Test("M01 a transaction whose commit's answer was lost is carried out once")
  func lostCommit() async throws {
    try await MongoServer.withStore { (store, client) async throws in
      try await store.prepare([schema])
      _ = try await store.insert([thing("a", ["n": 0])], into: "things")
      let lost: [(String, BSONValue)] = [
        ("failCommands", ["commitTransaction"]),
        ("writeConcernError", ["code": 64, "errmsg": "the answer is lost"]),
      ]
      try await FailPoints.during(lost, times: 2, on: client) {
        try await store.transact([
          .update(Update("things", where: .id("a"), [.increment("n", 1)]), mustMatch: true),
          .insert(thing("b"), into: "things"),
        ])
      }
      #expect(
        try await store.find(Query("things", limit: 3)) == [thing("a", ["n": 1]), thing("b")])
    }
  }

  @Test("a question that takes too long is unavailable")
  func slow() async throws {
    try await MongoServer.withStore({ $0.operationDeadline = .seconds(1) }) {
      store, client in
      try await store.prepare([schema])
      let blocked: [(String, BSONValue)] = [
        ("failCommands", ["find"]), ("blockConnection", true), ("blockTimeMS", 3000),
      ]
      try await FailPoints.during(blocked, times: 1, on: client) { () async throws in
        let error = await failure { _ = try await store.find(Query("things", limit: 1)) }
        #expect(error?.kind == .unavailable)
      }
    }
  }

  @Test("where no server is, everything is unavailable, and the address's secrets stay inside")
  func nobody() async throws {
    var settings = MongoSettings(
      uri: MongoURI("mongodb://user:secret@127.0.0.1:9/?replicaSet=rs0"), database: "none")
    settings.serverSelectionTimeout = .milliseconds(200)
    let error = await failure {
      _ = try await MongoDocumentStore.connect(settings, logger: Logger(label: "test"))
    }
    #expect(error?.kind == .unavailable)
    #expect(error?.description.contains("secret") == false)
  }
}
