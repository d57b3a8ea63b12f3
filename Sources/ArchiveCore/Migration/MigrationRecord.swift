// What the target of a migration remembers: from where, and how far.

/// The one document about a migration, in its target. While it is there and not complete, no server starts.
struct MigrationRecord: Codable, Hashable, Sendable {
  /// How far one collection was copied.
  struct Cursor: Codable, Hashable, Sendable {
    let collection: String
    /// Every document up to this identifier is in the target.
    var behind: String
    var isDone: Bool
  }

  static let documentID = "archive"

  let id: String
  /// `SourceCensus.fingerprint` of where everything comes from.
  let source: String
  let startedAt: Timestamp
  /// Every object up to this key is in the target.
  var objectsBehind: String?
  var areObjectsDone = false
  /// The collections that were begun.
  var cursors: [Cursor] = []
  var completedAt: Timestamp?

  var isComplete: Bool { completedAt != nil }

  init(source: String, at time: Timestamp) {
    id = Self.documentID
    (self.source, startedAt) = (source, time)
  }

  static func find(in documents: any DocumentStore) async throws(StoreError) -> MigrationRecord? {
    try await Collection(MigrationRecord.self, in: documents).find(id: documentID)
  }

  func cursor(of collection: CollectionName) -> Cursor? {
    cursors.first { $0.collection == collection.description }
  }

  mutating func note(_ collection: CollectionName, behind: String?, isDone: Bool) {
    let index = cursors.firstIndex { $0.collection == collection.description }
    let known = index.map { cursors[$0].behind } ?? ""
    let cursor = Cursor(
      collection: collection.description, behind: behind ?? known, isDone: isDone)
    if let index { cursors[index] = cursor } else { cursors.append(cursor) }
  }

  /// Puts this record in the place of the one that is there.
  func save(in documents: any DocumentStore) async throws(StoreError) {
    var changes: [DocumentChange] = []
    for (name, value) in try document().fields where name != "id" {
      if let path = FieldPath(name) { changes.append(.set(path, value)) }
    }
    let mine = Filter.and([.id(id), .equal("source", .string(source))])
    try await documents.transact([
      .update(Update(Self.schema.name, where: mine, changes), mustMatch: true)
    ])
  }
}

extension MigrationRecord: StoredDocument {
  static let schema = CollectionSchema("migrations")
}
