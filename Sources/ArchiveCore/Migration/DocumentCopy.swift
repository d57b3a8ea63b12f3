// Documents on their way from one store to another.

/// Reads one collection in the order of its identifiers, a page at a time.
struct DocumentWalk: Sendable {
  private let documents: any DocumentStore
  private let surroundings: Surroundings
  private var query: Query
  private var isAtEnd = false
  private var page: ArraySlice<Document> = []

  init(
    _ schema: CollectionSchema, in documents: any DocumentStore, after id: String? = nil,
    _ migration: ArchiveMigration
  ) {
    (self.documents, surroundings) = (documents, migration.surroundings)
    let isAhead = id.map { Filter.greater("id", .string($0)) } ?? .everything
    query = Query(schema.name, where: isAhead, sort: [.ascending("id")], limit: migration.pageLimit)
  }

  /// Empty at the end.
  mutating func nextPage() async throws(StoreError) -> [Document] {
    if isAtEnd { return [] }
    let page = try await surroundings.patiently { [documents, query] () async throws(StoreError) in
      try await documents.find(query)
    }
    isAtEnd = page.count < query.limit
    if let last = page.last { query.after = query.cursor(behind: last) }
    return page
  }

  /// `nil` at the end.
  mutating func next() async throws(StoreError) -> Document? {
    if page.isEmpty { page = try await nextPage()[...] }
    return page.popFirst()
  }
}

/// Inserts documents that may be there already.
struct DocumentCopy: Sendable {
  private let documents: any DocumentStore
  private let collection: CollectionName
  private let surroundings: Surroundings

  init(_ migration: ArchiveMigration, _ collection: CollectionName) {
    (documents, surroundings) = (migration.target.documents, migration.surroundings)
    self.collection = collection
  }

  /// Inserts a page in one go. What an earlier attempt inserted is recognised; another document with the same
  /// identifier is a `conflict` that names it.
  func insert(_ page: [Document]) async throws(StoreError) {
    try await surroundings.patiently { () async throws(StoreError) in
      var rest = page[...]
      while !rest.isEmpty {
        let outcome = try await documents.insert(Array(rest), into: collection)
        rest = rest.dropFirst(outcome.insertedCount)
        guard let failure = outcome.failure else { return }
        guard failure.kind == .conflict else { throw failure }
        let missing = try await missing(rest)
        guard missing.count < rest.count else { throw named(failure, rest.first) }
        rest = missing[...]
      }
    }
  }

  /// Those of the page that the target does not have.
  private func missing(_ page: ArraySlice<Document>) async throws(StoreError) -> [Document] {
    guard let first = page.first?.id, let last = page.last?.id else { return [] }
    let range = Filter.and([
      .greaterOrEqual("id", .string(first)), .lessOrEqual("id", .string(last)),
    ])
    let query = Query(collection, where: range, sort: [.ascending("id")], limit: page.count)
    var found: [String: Document] = [:]
    for document in try await documents.find(query) { found[document.id ?? ""] = document }
    var missing: [Document] = []
    for document in page {
      guard let there = found[document.id ?? ""] else {
        missing.append(document)
        continue
      }
      guard there == document else { throw MigrationDifference.other(collection, document) }
    }
    return missing
  }

  private func named(_ failure: StoreError, _ document: Document?) -> StoreError {
    StoreError(
      .conflict,
      "a document cannot be in the target beside another document=`\(collection)/\(document?.id ?? "")` "
        + "index=`\(failure.index ?? "")`",
      hint: MigrationDifference.cure, cause: failure)
  }
}

/// How a difference between source and target is told.
enum MigrationDifference {
  static let cure =
    "was a server running at the source? stop all, empty the target, and begin again"

  static func other(_ collection: CollectionName, _ document: Document) -> StoreError {
    error(collection, document, "another document lies in the target in the place of this one")
  }

  static func missing(_ collection: CollectionName, _ document: Document) -> StoreError {
    error(collection, document, "a document of the source is not in the target")
  }

  static func surplus(_ collection: CollectionName, _ document: Document) -> StoreError {
    error(collection, document, "the target holds a document that the source does not have")
  }

  private static func error(_ collection: CollectionName, _ document: Document, _ what: String)
    -> StoreError
  {
    StoreError(
      .conflict, "\(what) document=`\(collection)/\(document.id ?? "")`", hint: cure)
  }
}
