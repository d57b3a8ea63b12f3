// The log's questions are answered out of indexes, in the order in which these lie.

import ArchiveTesting
import Foundation
import MongoDriver
import Testing

@testable import ArchiveCore
@testable import MongoStore

@Suite(
  "MongoDB's plans",
  .enabled(if: MongoServer.isThere, MongoServer.skipped))
struct QueryPlanTests {
  private static let conversation = ConversationID(
    ULID(time: Timestamp(milliseconds: 1), random: (1, 1)))

  private static let members = CollectionSchema(
    "members",
    indexes: [
      CollectionIndex("list", on: [.ascending("userId"), .descending("activityAt")]),
      CollectionIndex("conversation", on: [.ascending("conversationId")]),
    ])

  private static let users = CollectionSchema(
    "users",
    indexes: [
      CollectionIndex("role", on: [.ascending("role"), .ascending("id")]),
      CollectionIndex("deactivated", on: [.ascending("deactivatedAt"), .ascending("id")]),
    ])

  /// What the server looks at, whatever the stages around are called.
  private struct Plan: CustomStringConvertible {
    var stages: [String] = []
    var indexes: Set<String> = []

    var description: String { "\(stages) \(indexes.sorted())" }
    var isOrderedByIndex: Bool {
      stages.allSatisfy { $0 != "COLLSCAN" && $0 != "SORT" } && !stages.isEmpty
    }

    mutating func read(_ stage: BSONDocument) {
      if let name = stage["stage"]?.asString { stages.append(name) }
      if let index = stage["indexName"]?.asString { indexes.insert(index) }
      for name in ["inputStage", "queryPlan"] {
        if let inner = stage[name]?.asDocument { read(inner) }
      }
      for inner in stage["inputStages"]?.asArray ?? [] {
        if let inner = inner.asDocument { read(inner) }
      }
    }
  }

  private static func plan(_ query: Query, _ store: MongoDocumentStore) async throws -> Plan {
    let question = try #require(try await store.question(query))
    let answer = try await store.client.run { (connection) throws(MongoError) in
      try connection.explain(question)
    }
    let planner = try #require(answer["queryPlanner"]?.asDocument)
    var plan = Plan()
    plan.read(try #require(planner["winningPlan"]?.asDocument))
    return plan
  }

  /// Enough documents that a wrong plan would be worth it, and two kinds of them.
  private static func fill(_ store: MongoDocumentStore) async throws {
    try await store.prepare([
      BufferedEntry.schema, ArchiveState.schema, SegmentManifest.schema, RetiredObject.schema,
      members,
    ])
    var entries: [Document] = []
    for seq in 1...400 as ClosedRange<Int64> {
      let id = SeqID.text(conversation, seq)
      var entry = Document(["id": .string(id), "line": "l", "leaf": "f"])
      if seq % 2 == 0 { entry.fields["bufferedSince"] = .string("2026 \(id)") }
      if seq % 3 == 0 { entry.fields["amends"] = .string("\(SeqID.text(conversation, 1))/\(seq)") }
      entry.fields["clientKey"] = .string("key \(seq)")
      entries.append(entry)
    }
    _ = try await store.insert(entries, into: "entries")
    let membership = (0..<400).map { number in
      Document([
        "id": .string("m\(number)"), "userId": .string("u\(number % 5)"),
        "conversationId": .string("c\(number % 40)"),
        "activityAt": .time(Timestamp(milliseconds: Int64(number))),
      ])
    }
    _ = try await store.insert(membership, into: "members")
  }

  @Test("the log's questions need no collection scan and no sort in memory")
  func log() async throws {
    try await MongoServer.withStore { store, _ in
      try await Self.fill(store)
      let range = SeqID.filter(Self.conversation, 5...300)
      var buffered = Query(
        "entries", where: BufferedEntry.isBuffered, sort: [BufferedEntry.bufferOrder], limit: 100)
      let first = try await store.find(buffered)
      var questions: [(Query, String)] = [
        (Query("entries", where: range, sort: [.ascending("id")], limit: 50), "_id_"),
        (Query("entries", where: range, sort: [.descending("id")], limit: 50), "_id_"),
        (Query("entries", where: .equal("clientKey", "key 7"), limit: 1), "clientKey"),
        (LogBuffer.amendmentQuery(Self.conversation, 1...400), "amends"),
        (buffered, "buffered"),
        (
          Query("archiveStates", where: .equal("compactionDue", "x"), limit: 10), "compactionDue"
        ),
        (Query("segments", where: .equal("key", "k"), limit: 1000), "segmentsByKey"),
        (
          Query(
            "retiredObjects", where: .lessOrEqual("at", .time(Timestamp(milliseconds: 5))),
            sort: [.ascending("at")], limit: 10), "retiredAt"
        ),
      ]
      buffered.after = buffered.cursor(behind: try #require(first.last))
      questions.append((buffered, "buffered"))
      for (query, index) in questions {
        let plan = try await Self.plan(query, store)
        #expect(plan.isOrderedByIndex && plan.indexes == [index], "\(query) \(plan)")
      }
      #expect(try await store.find(buffered).count == 100)
      let one = try await Self.plan(Query("archiveStates", where: .id("x"), limit: 1), store)
      #expect(one.stages == ["IDHACK"] || one.stages.contains("EXPRESS_IXSCAN"), "\(one)")
    }
  }

  @Test("accounts out of use, and every page of them, come in the order of their index")
  func deactivated() async throws {
    try await MongoServer.withStore { store, _ in
      try await store.prepare([Self.users])
      let everybody = (0..<400).map { number in
        var user = Document(["id": .string("u\(number)"), "role": .string("customer")])
        if number % 50 == 0 {
          user.fields["deactivatedAt"] = .time(Timestamp(milliseconds: Int64(400 - number)))
        }
        return user
      }
      _ = try await store.insert(everybody, into: "users")
      var query = Query(
        "users", where: .greaterOrEqual("deactivatedAt", .time(Timestamp(milliseconds: 0))),
        sort: [.ascending("deactivatedAt")], limit: 3)
      let first = try await store.find(query)
      #expect(first.count == 3)
      for _ in 0..<2 {
        let plan = try await Self.plan(query, store)
        #expect(plan.isOrderedByIndex && plan.indexes == ["deactivated"], "\(plan)")
        query.after = query.cursor(behind: try #require(first.last))
      }
    }
  }

  @Test("the list of conversations, and every page of it, comes in the order of its index")
  func list() async throws {
    try await MongoServer.withStore { store, _ in
      try await Self.fill(store)
      var query = Query(
        "members", where: .equal("userId", "u1"), sort: [.descending("activityAt")], limit: 20)
      let first = try await store.find(query)
      let plan = try await Self.plan(query, store)
      #expect(plan.isOrderedByIndex && plan.indexes == ["list"], "\(plan)")
      query.after = query.cursor(behind: try #require(first.last))
      let next = try await Self.plan(query, store)
      #expect(next.isOrderedByIndex && next.indexes == ["list"], "\(next)")
      let members = Query("members", where: .equal("conversationId", "c1"), limit: 300)
      let all = try await Self.plan(members, store)
      #expect(all.isOrderedByIndex && all.indexes == ["conversation"], "\(all)")
    }
  }
}

@Suite("the order that MongoDB is asked for")
struct NeededOrderTests {
  private static let unique = [
    CollectionIndex("pair", on: [.ascending("a"), .ascending("b")], kind: .unique)
  ]

  private static func order(_ filter: Filter, _ sort: [SortKey]) -> [String] {
    Query("c", where: filter, sort: sort, limit: 1).neededOrder(uniqueIndexes: unique)
      .map { "\($0.descending ? "-" : "")\($0.path)" }
  }

  @Test("it ends where nothing is left to order, and not before")
  func order() {
    let both = Filter.and([.exists("a"), .greater("b", 1)])
    #expect(Self.order(.everything, []) == ["id"])
    #expect(Self.order(.id("x"), [.ascending("a")]) == [])
    #expect(Self.order(.everything, [.descending("id"), .ascending("a")]) == ["-id"])
    #expect(Self.order(.and([.equal("a", 1), .equal("b", 2)]), [.ascending("c")]) == [])
    #expect(Self.order(both, [.ascending("a"), .descending("b")]) == ["a", "-b"])
    #expect(Self.order(.and([both, .equal("a", 1)]), [.ascending("b"), .ascending("c")]) == ["b"])
    // Documents that lack a field of the index may be equal in the other.
    #expect(Self.order(.exists("a"), [.ascending("a"), .ascending("b")]) == ["a", "b", "id"])
    #expect(
      Self.order(.or([both, both]), [.ascending("a"), .ascending("b")]) == ["a", "b", "id"])
    #expect(Self.order(.not(both), [.ascending("a"), .ascending("b")]) == ["a", "b", "id"])
    #expect(Self.order(both, [.ascending("b")]) == ["b", "id"])
  }
}
