// What is marked for the next snapshot, and what is not.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Marking what changes")
struct MarkingDocumentStoreTests {
  private let memory = InMemoryDocumentStore()
  private let store: MarkingDocumentStore

  init() throws {
    let schema = CollectionSchema("people").snapshotted
    try memory.prepare(ConversationLog.schemas + [schema, CollectionSchema("plain")])
    store = MarkingDocumentStore(
      memory, marking: ["people"], surroundings: ManualSurroundings().surroundings)
  }

  private func mark(_ id: String, in collection: CollectionName = "people") throws -> String? {
    let found = try memory.find(Query(collection, where: .id(id), limit: 1)).first
    if case .string(let token)? = found?["unsaved"] { return token }
    return nil
  }

  @Test("every way to write marks the document anew, and only in the collections that are named")
  func writes() async throws {
    var marks: Set<String?> = []
    _ = try await store.insert([Document(["id": "a"])], into: "people")
    marks.insert(try mark("a"))
    try await store.update(Update("people", where: .id("a"), [.set("name", "x")]))
    marks.insert(try mark("a"))
    try await store.update(Update("people", where: .everything, [.set("name", "y")], extent: .all))
    marks.insert(try mark("a"))
    try await store.transact([
      .update(Update("people", where: .id("a"), [.set("name", "z")]), mustMatch: true)
    ])
    marks.insert(try mark("a"))
    #expect(marks.count == 4 && !marks.contains(nil))
    try await store.update(
      Update(
        "people", where: .id("b"), [.set("name", "x")],
        extent: .upsert(insertedOnMiss: Document(["id": "b"]))))
    #expect(try mark("b") != nil)
    _ = try await store.insert([Document(["id": "a"])], into: "plain")
    try await store.transact([.delete("plain", where: .id("a"))])
    #expect(try mark("a", in: "plain") == nil)
    #expect(try memory.find(Query("snapshotDeletions", limit: 1)).isEmpty)
  }

  @Test("a write that fails marks nothing and notes no deletion")
  func failedWrites() async throws {
    _ = try memory.insert([Document(["id": "a"])], into: "people")
    await #expect(throws: StoreError.self) {
      try await store.transact([
        .delete("people", where: .id("a")), .expect("people", where: .id("nobody")),
      ])
    }
    #expect(try mark("a") == nil)
    #expect(try memory.find(Query("snapshotDeletions", limit: 1)).isEmpty)
  }

  @Test("one inside another marks once, and reads pass unchanged")
  func nested() async throws {
    let outer = MarkingDocumentStore(
      store, marking: ["people"], surroundings: ManualSurroundings(seed: 2).surroundings)
    _ = try await outer.insert([Document(["id": "a"])], into: "people")
    try await outer.update(Update("people", where: .id("a"), [.set("name", "x")]))
    #expect(try await outer.count("people", where: .equal("name", "x")) == 1)
    #expect(try await outer.delete("people", where: .id("a")) == 1)
    #expect(try memory.find(Query("snapshotDeletions", limit: 9)).map(\.id) == ["people/a"])
  }

  @Test("a deletion that cannot be told by an id asks for a full snapshot")
  func wideDeletion() async throws {
    _ = try await store.insert([Document(["id": "a", "name": "x"])], into: "people")
    #expect(try await store.delete("people", where: .equal("name", "x")) == 1)
    #expect(try memory.find(Query("snapshotDeletions", limit: 9)).map(\.id) == ["*"])
  }
}
