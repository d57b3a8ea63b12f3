// What changed since the last snapshot, found by its marks.

/// Some documents on their way into an object, and the steps that take their marks back.
struct SnapshotBatch: Sendable {
  private(set) var lines: [[UInt8]] = []
  private(set) var bytes = 0
  /// More is marked than this batch holds.
  var hasMore = false
  private var marks: [Mark: [DocumentValue]] = [:]
  private var removals: [TransactionStep] = []

  private struct Mark: Hashable {
    let collection: CollectionName
    let token: String
  }

  /// Identifiers in one step.
  private static let stepLimit = 100

  func isFull(_ settings: LogSettings) -> Bool {
    bytes >= settings.snapshotBytes || lines.count >= settings.snapshotDocuments
  }

  mutating func add(_ document: Document, of collection: CollectionName) {
    add(.document(collection, document.withoutUnsavedMark))
    if case .string(let token)? = document[UnsavedMark.name], let id = document["id"] {
      marks[Mark(collection: collection, token: token), default: []].append(id)
    }
  }

  /// Notes a deletion as done; `document` is what is there all the same.
  mutating func add(
    _ deletion: UnsavedDeletion, of collection: CollectionName?, _ document: Document?
  ) {
    removals.append(deletion.removal)
    guard let collection else { return }
    if let document {
      add(.document(collection, document.withoutUnsavedMark))
    } else {
      add(.deletion(collection, id: deletion.document))
    }
  }

  private mutating func add(_ line: SnapshotLine) {
    let line = line.bytes
    bytes += line.count + 1
    lines.append(line)
  }

  /// Takes back the marks of exactly the documents that were read, as they were read.
  var clearing: [TransactionStep] {
    var steps = removals
    for (mark, ids) in marks {
      for start in stride(from: 0, to: ids.count, by: Self.stepLimit) {
        let some = Array(ids[start..<min(start + Self.stepLimit, ids.count)])
        steps.append(
          .update(
            Update(
              mark.collection,
              where: .and([
                .oneOf("id", some), .equal(UnsavedMark.path, .string(mark.token)),
              ]), [.unset(UnsavedMark.path)], extent: .all),
            mustMatch: false))
      }
    }
    return steps
  }
}

/// Finds marked documents and noted deletions.
struct UnsavedChanges: Sendable {
  let documents: any DocumentStore
  let collections: [CollectionName]
  let settings: LogSettings

  /// Documents read at once.
  static let page = 200

  /// Whether there are any.
  func exist() async throws(StoreError) -> Bool {
    for collection in collections + [UnsavedDeletion.schema.name] {
      let query = Query(
        collection, where: UnsavedMark.isUnsaved, sort: [UnsavedMark.order], limit: 1)
      if try await !documents.find(query).isEmpty { return true }
    }
    return false
  }

  /// That a full snapshot was asked for.
  func renewalMark() async throws(StoreError) -> UnsavedDeletion? {
    try await Collection(UnsavedDeletion.self, in: documents).find(id: UnsavedDeletion.everything)
  }

  /// As much as one object takes.
  func batch() async throws(StoreError) -> SnapshotBatch {
    var batch = SnapshotBatch()
    for collection in collections {
      try await fill(&batch, from: collection) { (document, batch) in
        batch.add(document, of: collection)
      }
    }
    // Behind the documents, so that one that is deleted meanwhile ends as deleted.
    try await fill(&batch, from: UnsavedDeletion.schema.name) {
      (document, batch) async throws(StoreError) in
      let deletion = try UnsavedDeletion(document: document)
      if deletion.isEverything { return }
      let collection = collections.first { $0.description == deletion.collection }
      var present: Document?
      if let collection {
        present = try await documents.find(
          Query(collection, where: .id(deletion.document), limit: 1)
        ).first
      }
      batch.add(deletion, of: collection, present)
    }
    return batch
  }

  private func fill(
    _ batch: inout SnapshotBatch, from collection: CollectionName,
    _ add: (Document, inout SnapshotBatch) async throws(StoreError) -> Void
  ) async throws(StoreError) {
    var query = Query(
      collection, where: UnsavedMark.isUnsaved, sort: [UnsavedMark.order], limit: Self.page)
    while !batch.hasMore {
      let page = try await documents.find(query)
      for document in page {
        if batch.isFull(settings) {
          batch.hasMore = true
          return
        }
        try await add(document, &batch)
      }
      guard page.count == query.limit, let last = page.last else { return }
      query.after = query.cursor(behind: last)
    }
  }
}
