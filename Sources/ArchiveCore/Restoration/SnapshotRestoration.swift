// Brings back the documents that snapshots hold.

/// Takes every document as its newest snapshot has it.
///
/// Goes from the newest object back to the newest complete full snapshot; the first that tells of a document decides.
struct SnapshotRestoration: Sendable {
  let restorer: ArchiveRestorer

  private var documents: any DocumentStore { restorer.documents }
  private var notes: RestorationNotes { restorer.notes }

  /// A document has at most 15 MiB, and its JSON may be several times as long.
  private static let objectLimitBytes = 256 << 20

  private var known: Set<CollectionName> {
    Set(restorer.schemas.map(\.name) + [Anchor.schema.name])
  }

  func restore(
    _ report: inout RestorationReport, _ progress: (RestorationProgress) -> Void
  ) async throws(StoreError) {
    let keys = try await keys()
    guard let newest = keys.last else {
      return try await notes.report(
        ArchiveProblem(
          .missingObject, object: SnapshotHeader.prefix,
          "there are no snapshots: only conversations' entries are restored"))
    }
    var chain = SnapshotChain(base: try await base(of: keys))
    if chain.base == nil {
      try await notes.report(
        ArchiveProblem(
          .missingObject, object: SnapshotHeader.prefix,
          "no full snapshot is whole: documents that did not change lately are missing"))
    }
    let wanted = keys.filter { $0.number >= chain.base ?? 0 }.reversed()
    for (index, place) in wanted.enumerated() {
      if let object = try await read(place) {
        chain.append(object.header)
        try await apply(object, place)
      }
      report.snapshots += 1
      progress(.readingSnapshots(done: index + 1, of: wanted.count))
    }
    for missing in chain.missing {
      try await notes.report(
        ArchiveProblem(
          .missingObject, object: "\(SnapshotHeader.prefix)\(SeqID.digits(missing))-…",
          "a snapshot is missing or damaged: the changes in it are lost"))
    }
    try await remember(chain, newest.number)
  }

  private struct Place {
    let number: Int64
    let isFull: Bool
    let key: ObjectKey
  }

  private func keys() async throws(StoreError) -> [Place] {
    var places: [Place] = []
    var after: ObjectKey?
    while true {
      let page = try await restorer.objects.list(
        prefix: SnapshotHeader.prefix, after: after, limit: 1000)
      places += page.compactMap { info in
        SnapshotHeader.parts(of: info.key).map {
          Place(number: $0.number, isFull: $0.isFull, key: info.key)
        }
      }
      guard page.count == 1000, let last = page.last else { return places }
      after = last.key
    }
  }

  /// The first number of the newest full snapshot of which every object is there and whole.
  private func base(of places: [Place]) async throws(StoreError) -> Int64? {
    var expected: (series: Int64, part: Int64)?
    for place in places.reversed() where place.isFull {
      guard let header = try await read(place)?.header, let part = header.part else {
        expected = nil
        continue
      }
      // The last object of a series begins the search; those before it must follow without a gap.
      if !header.hasMore {
        expected = (header.series, part)
      }
      guard let wanted = expected, wanted == (header.series, part) else {
        expected = nil
        continue
      }
      if part == 1 { return header.number }
      expected = (header.series, part - 1)
    }
    return nil
  }

  /// The object; `nil`, and a problem, where it is damaged.
  private func read(_ place: Place) async throws(StoreError) -> SnapshotObject? {
    do throws(StoreError) {
      let object = try await restorer.objects.get(place.key, range: nil)
      return try await SnapshotObject(reading: object, limitBytes: Self.objectLimitBytes)
    } catch {
      guard error.kind == .corrupt || error.kind == .notFound || error.kind == .invalid else {
        throw error
      }
      try await notes.report(
        ArchiveProblem(.alteredObject, object: place.key.description, error.message))
      return nil
    }
  }

  /// Inserts what no newer snapshot told of.
  private func apply(_ object: SnapshotObject, _ place: Place) async throws(StoreError) {
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
    _ newest: [String: Document], into collection: CollectionName, _ place: Place
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

/// Whether the objects that are there are all that were written, seen from the newest to the oldest.
struct SnapshotChain: Sendable {
  /// The first number of the full snapshot that everything begins with.
  let base: Int64?
  private var headers: [Int64: SnapshotHeader] = [:]

  init(base: Int64?) { self.base = base }

  mutating func append(_ header: SnapshotHeader) { headers[header.number] = header }

  /// Numbers that others name as the one before them and that are not there.
  var missing: [Int64] {
    let first = base ?? headers.keys.min() ?? 0
    return Set(headers.values.map(\.previous)).filter { $0 > first && headers[$0] == nil }.sorted()
  }

  /// When the newest objects were complete: what was durable then is in them.
  var recoveryPoint: Timestamp? {
    guard let base else { return nil }
    return headers.values.filter { header in
      // A full snapshot other than the base is not whole, so its last object proves nothing.
      !header.hasMore && (!header.isFull || header.series == base)
    }.map(\.at).max()
  }
}
