// A log that keeps snapshots, and what comes back when only its objects are left.

import ArchiveCore
import ArchiveTesting
import Testing

/// What a restoration made.
struct Restored: Sendable {
  let memory: InMemoryDocumentStore
  let report: RestorationReport
  let fixture: LogFixture

  func contents() throws -> LogFixture.Contents { try fixture.contents() }
}

extension LogFixture {
  /// Two collections, as a service might have them.
  static let others: [CollectionSchema] = [
    CollectionSchema(
      "people", indexes: [CollectionIndex("email", on: [.ascending("email")], kind: .unique)]
    ).snapshotted,
    CollectionSchema("rooms").snapshotted,
  ]

  /// Everything that a restoration must bring back, the same to the letter.
  struct Contents: Equatable {
    var documents: [String: [Document]] = [:]
    /// Conversation, end, ordinal and head.
    var states: [[DocumentValue?]] = []
  }

  /// As a service writes: marked.
  var service: MarkingDocumentStore {
    MarkingDocumentStore(
      documents, marking: others.map(\.name), surroundings: clock.surroundings)
  }

  func write(_ fields: [String: DocumentValue], into collection: CollectionName) async throws {
    let outcome = try await service.insert([Document(fields)], into: collection)
    if let failure = outcome.failure { throw failure }
  }

  func rename(_ id: String, _ name: String, in collection: CollectionName) async throws {
    try await service.update(
      Update(collection, where: .id(id), [.set("name", .string(name))]))
  }

  func contents() throws -> Contents {
    var contents = Contents()
    for name in others.map(\.name) + ["segments", "amendments", "anchors"] {
      contents.documents["\(name)"] = try memory.find(Query(name, limit: 100_000)).map { document in
        var document = document
        document.fields["unsaved"] = nil
        return document
      }
    }
    contents.states = try memory.find(Query("archiveStates", limit: 100_000)).map { state in
      [state["id"], state["archivedSeq"], state["archivedOrdinal"], state["archivedHead"]]
    }
    return contents
  }

  func restorer(into documents: any DocumentStore, key: AnchorKey = anchorKey) -> ArchiveRestorer {
    // Not the moved clock: verification sleeps after a finding.
    var surroundings = clock.surroundings
    surroundings.sleep = { _ in }
    return ArchiveRestorer(
      documents: documents, objects: objects, schemas: others, settings: settings, anchorKey: key,
      surroundings: surroundings)
  }

  /// What comes back from the objects alone.
  func restored(key: AnchorKey = anchorKey) async throws -> Restored {
    let memory = InMemoryDocumentStore()
    let report = try await restorer(into: memory, key: key).restore()
    return Restored(memory: memory, report: report, fixture: reopened(on: memory))
  }

  /// A copy of all documents, as a backup of a database has them.
  func backup() throws -> InMemoryDocumentStore {
    let copy = InMemoryDocumentStore()
    let schemas = ConversationLog.schemas + others
    try copy.prepare(schemas)
    for schema in schemas {
      _ = try copy.insert(try memory.find(Query(schema.name, limit: 100_000)), into: schema.name)
    }
    return copy
  }

  func bytes(_ key: String) async throws -> [UInt8] {
    try await objects.get(ObjectKey(trusted: key), range: nil).bytes(limitBytes: 1 << 24)
  }

  func replace(_ key: String, _ bytes: [UInt8]) async throws {
    try await objects.put(
      ObjectKey(trusted: key), .bytes(bytes), mode: .replace, type: "application/gzip")
  }
}
