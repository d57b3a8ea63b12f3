// What a restoration writes down for itself, so that it can go on after it was killed.

/// The collection of notes. It is empty before and after a restoration; identifiers say what a note is:
///
/// - `run`: a restoration is under way, and the times for its report.
/// - `object/{key}`: the object was read to its end. `keep`: it holds something that is used nowhere.
/// - `part/{conversation}/{firstSeq}/{lastSeq}/{object}`: a run of entries that was found in an object.
/// - `line/{conversation}/{seq}/{object}`: an edit, a deletion, or a `clientId` that is still remembered.
/// - `deleted/{collection and document}`: a document that is gone; older snapshots may still have it.
/// - `problem/{what}`: something to report.
enum RestorationNote {
  static let schema = CollectionSchema("restoration")
  static let run = "run"

  /// A name of fixed length for what may be long.
  static func short(_ text: String) -> String {
    String(Digest256(of: text.utf8).description.prefix(32))
  }

  static func object(_ key: ObjectKey) -> String { "object/\(short(key.description))" }

  static func deletion(_ collection: CollectionName, _ id: String) -> String {
    "deleted/\(short("\(collection)/\(id)"))"
  }
}

/// The notes of one store, and inserts that may have happened before.
struct RestorationNotes: Sendable {
  let documents: any DocumentStore
  private var name: CollectionName { RestorationNote.schema.name }

  /// Documents in one insert or one question.
  static let chunk = 500

  func note(_ id: String) async throws(StoreError) -> Document? {
    try await documents.find(Query(name, where: .id(id), limit: 1)).first
  }

  /// Notes whose identifiers begin with the text, in order.
  func query(_ prefix: String, limit: Int = 200) -> Query {
    Query(name, where: Self.filter(prefix), sort: [.ascending("id")], limit: limit)
  }

  static func filter(_ prefix: String) -> Filter {
    .and([.greater("id", .string(prefix)), .less("id", .string(prefix + "~"))])
  }

  /// Which of the identifiers are taken.
  func present(_ ids: [DocumentValue], in collection: CollectionName) async throws(StoreError)
    -> Set<DocumentValue>
  {
    var present: Set<DocumentValue> = []
    for start in stride(from: 0, to: ids.count, by: Self.chunk) {
      let some = Array(ids[start..<min(start + Self.chunk, ids.count)])
      let found = try await documents.find(
        Query(collection, where: .oneOf("id", some), limit: some.count))
      present.formUnion(found.compactMap { $0["id"] })
    }
    return present
  }

  /// Inserts those whose identifier is free; returns what a unique index forbids.
  func insertMissing(_ all: [Document], into collection: CollectionName)
    async throws(StoreError) -> [(Document, StoreError)]
  {
    var refused: [(Document, StoreError)] = []
    for start in stride(from: 0, to: all.count, by: Self.chunk) {
      var rest = all[start..<min(start + Self.chunk, all.count)]
      let taken = try await present(rest.compactMap { $0["id"] }, in: collection)
      rest = ArraySlice(
        rest.filter { document in document["id"].map { !taken.contains($0) } ?? true })
      while !rest.isEmpty {
        let outcome = try await documents.insert(Array(rest), into: collection)
        rest = rest.dropFirst(outcome.insertedCount)
        guard let failure = outcome.failure, let first = rest.first else { break }
        // Taken: an insert whose reply was lost did happen.
        if failure.index != "id" { refused.append((first, failure)) }
        rest = rest.dropFirst()
      }
    }
    return refused
  }

  func insertMissing(_ notes: [Document]) async throws(StoreError) {
    _ = try await insertMissing(notes, into: name)
  }

  /// The step that writes a note, whether it is there or not.
  func step(_ id: String, _ fields: [String: DocumentValue]) -> TransactionStep {
    var document = Document(fields)
    document.fields["id"] = .string(id)
    return replacement(of: document, in: name)
  }

  /// The step that changes a note that is there.
  func step(changing id: String, _ changes: [DocumentChange]) -> TransactionStep {
    .update(Update(name, where: .id(id), changes), mustMatch: true)
  }

  func step(deleting prefix: String) -> TransactionStep {
    .delete(name, where: Self.filter(prefix))
  }

  /// Deletes notes, in pieces.
  func delete(_ prefix: String) async throws(StoreError) {
    while true {
      let ids = try await documents.find(query(prefix, limit: Self.chunk)).compactMap { $0["id"] }
      if ids.isEmpty { return }
      try await documents.delete(name, where: .oneOf("id", ids))
    }
  }

  // MARK: Problems

  func step(reporting problem: ArchiveProblem) throws(StoreError) -> TransactionStep {
    let fields = try DocumentEncoder().encode(Noted(id: "problem", problem: problem)).fields
    return step("problem/\(RestorationNote.short(problem.description))", fields)
  }

  func report(_ problem: ArchiveProblem) async throws(StoreError) {
    try await documents.transact([try step(reporting: problem)])
  }

  /// The first so many problems that were reported.
  func problems(limit: Int) async throws(StoreError) -> [ArchiveProblem] {
    var problems: [ArchiveProblem] = []
    for document in try await documents.find(query("problem/", limit: limit)) {
      problems.append(try DocumentDecoder().decode(Noted.self, from: document).problem)
    }
    return problems
  }

  private struct Noted: Codable {
    let id: String
    let problem: ArchiveProblem
  }
}

/// The step that puts a document in the place of one that may be there: an upsert that sets each of its fields.
func replacement(of document: Document, in collection: CollectionName) -> TransactionStep {
  let id = document["id"] ?? .string("")
  let changes = document.fields.sorted { $0.key < $1.key }.compactMap { name, value in
    name == "id" ? nil : FieldPath(name).map { DocumentChange.set($0, value) }
  }
  return .update(
    Update(
      collection, where: .equal("id", id), changes,
      extent: .upsert(insertedOnMiss: Document(["id": id]))),
    mustMatch: true)
}
