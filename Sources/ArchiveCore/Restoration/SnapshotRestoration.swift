// Brings back the documents that snapshots hold.

/// Takes every document as its newest snapshot has it.
///
/// Goes from the newest object back to the newest complete full snapshot; the first that tells of a document decides.
struct SnapshotRestoration: Sendable {
  let restorer: ArchiveRestorer

  private var documents: any DocumentStore { restorer.documents }
  private var notes: RestorationNotes { restorer.notes }

  private var shelf: SnapshotShelf { SnapshotShelf(objects: restorer.objects) }

  private var known: Set<CollectionName> {
    Set(restorer.schemas.map(\.name) + [Anchor.schema.name])
  }

  func restore(
    _ report: inout RestorationReport, _ progress: (RestorationProgress) -> Void
  ) async throws(StoreError) {
    let places = try await shelf.places()
    guard let newest = places.last else {
      return try await notes.report(
        ArchiveProblem(
          .missingObject, object: SnapshotHeader.prefix,
          "there are no snapshots: only conversations' entries are restored"))
    }
    var chain = SnapshotChain(base: try await base(of: places))
    let wanted = places.filter { $0.number >= chain.base ?? 0 }.reversed()
    for (index, place) in wanted.enumerated() {
      if let object = try await read(place) {
        chain.append(object.header)
        try await apply(object, place)
      }
      report.snapshots += 1
      progress(.readingSnapshots(done: index + 1, of: wanted.count))
    }
    for problem in chain.problems { try await notes.report(problem) }
    try await remember(chain, newest.number)
  }

  /// The first number of the newest full snapshot of which every object is there and whole. What is read for it is read
  /// again to be applied: the newest changes are applied first, and it may not fit in memory.
  private func base(of places: [SnapshotShelf.Place]) async throws(StoreError) -> Int64? {
    var search = SnapshotBaseSearch()
    for place in places.reversed() where place.isFull {
      if let base = search.met(try await read(place)?.header) { return base }
    }
    return nil
  }

  /// The object; `nil`, and a problem, where it is damaged.
  private func read(_ place: SnapshotShelf.Place) async throws(StoreError) -> SnapshotObject? {
    switch try await shelf.read(place) {
    case .success(let object): return object
    case .failure(let damage):
      try await notes.report(damage.problem)
      return nil
    }
  }

  /// Inserts what no newer snapshot told of.
  private func apply(_ object: SnapshotObject, _ place: SnapshotShelf.Place)
    async throws(StoreError)
  {
    let done = RestorationNote.object(place.key)
    if try await notes.note(done) != nil { return }
    var newest: [CollectionName: [String: Document]] = [:]
    var deleted: [CollectionName: Set<String>] = [:]
    for line in object.lines {
      switch line {
      case .document(let collection, let document):
        newest[collection, default: [:]][document.id ?? ""] = document
        deleted[collection]?.remove(document.id ?? "")
      case .deletion(let collection, let id):
        newest[collection]?[id] = nil
        deleted[collection, default: []].insert(id)
      }
    }
    for collection in newest.keys.sorted(by: { $0.description < $1.description }) {
      try await insert(newest[collection] ?? [:], into: collection, place)
    }
    var gone: [Document] = []
    for (collection, ids) in deleted {
      gone += ids.map { Document(["id": .string(RestorationNote.deletion(collection, $0))]) }
    }
    try await notes.insertMissing(gone)
    // `keep`: only the next full snapshot retires snapshots.
    try await notes.insertMissing([Document(["id": .string(done), "keep": .bool(true)])])
  }

  private func insert(
    _ newest: [String: Document], into collection: CollectionName, _ place: SnapshotShelf.Place
  ) async throws(StoreError) {
    guard known.contains(collection) else {
      return try await notes.report(
        ArchiveProblem(
          .misplaced, object: place.key.description,
          "this version does not know a collection collection=`\(collection)`"))
    }
    let ids = newest.keys.sorted()
    let gone = try await notes.present(
      ids.map { .string(RestorationNote.deletion(collection, $0)) },
      in: RestorationNote.schema.name)
    let wanted = ids.filter { !gone.contains(.string(RestorationNote.deletion(collection, $0))) }
    let refused = try await notes.insertMissing(wanted.compactMap { newest[$0] }, into: collection)
    for (document, error) in refused {
      try await notes.report(
        ArchiveProblem(
          .alteredDocument, object: place.key.description,
          document: "\(collection)/\(document.id ?? "")",
          "a newer document has what only one may have index=`\(error.index ?? "")`"))
    }
  }

  /// The server goes on behind the newest number, with a full snapshot.
  private func remember(_ chain: SnapshotChain, _ newest: Int64) async throws(StoreError) {
    var state = SnapshotState()
    state.number = newest
    var steps = [replacement(of: try state.document(), in: SnapshotState.schema.name)]
    if let at = chain.recoveryPoint {
      steps.append(
        notes.step(changing: RestorationNote.run, [.set("snapshotAt", .time(at))]))
    }
    try await documents.transact(steps)
  }
}
