// The snapshots in an object store, as somebody finds them who knows nothing else.

/// Finds and reads snapshots, and says where the newest whole series of them begins.
struct SnapshotShelf: Sendable {
  let objects: any ObjectStore

  /// An object by its key alone.
  struct Place: Sendable {
    let number: Int64
    let isFull: Bool
    let key: ObjectKey
  }

  /// A document has at most 15 MiB, and its JSON may be several times as long.
  private static let objectLimitBytes = 256 << 20

  /// All that are there, oldest first.
  func places() async throws(StoreError) -> [Place] {
    var places: [Place] = []
    var after: ObjectKey?
    while true {
      let page = try await objects.list(prefix: SnapshotHeader.prefix, after: after, limit: 1000)
      places += page.compactMap { info in
        SnapshotHeader.parts(of: info.key).map {
          Place(number: $0.number, isFull: $0.isFull, key: info.key)
        }
      }
      guard page.count == 1000, let last = page.last else { return places }
      after = last.key
    }
  }

  /// The object, or what is wrong with it.
  func read(_ place: Place) async throws(StoreError) -> Result<SnapshotObject, SnapshotDamage> {
    do throws(StoreError) {
      let object = try await objects.get(place.key, range: nil)
      return .success(
        try await SnapshotObject(reading: object, limitBytes: Self.objectLimitBytes))
    } catch {
      guard error.kind == .corrupt || error.kind == .notFound || error.kind == .invalid else {
        throw error
      }
      return .failure(
        SnapshotDamage(
          problem: ArchiveProblem(.alteredObject, object: place.key.description, error.message)))
    }
  }
}

/// Looks for the newest full snapshot of which every object is there and whole, from the newest object to the oldest.
struct SnapshotBaseSearch: Sendable {
  private var expected: (series: Int64, part: Int64)?

  /// Takes the next older object of a full snapshot, `nil` where it cannot be read, and gives the first number of the
  /// snapshot that is whole with it.
  mutating func met(_ header: SnapshotHeader?) -> Int64? {
    guard let header, let part = header.part else {
      expected = nil
      return nil
    }
    // The last object of a series begins the search; those before it must follow without a gap.
    if !header.hasMore { expected = (header.series, part) }
    guard let wanted = expected, wanted == (header.series, part) else {
      expected = nil
      return nil
    }
    if part == 1 { return header.number }
    expected = (header.series, part - 1)
    return nil
  }
}

/// Why a snapshot cannot be used.
struct SnapshotDamage: Error { let problem: ArchiveProblem }

/// Whether the objects that are there are all that were written, seen from the newest to the oldest.
struct SnapshotChain: Sendable {
  /// The first number of the full snapshot that everything begins with.
  let base: Int64?
  private var headers: [Int64: SnapshotHeader] = [:]

  init(base: Int64?) { self.base = base }

  mutating func append(_ header: SnapshotHeader) { headers[header.number] = header }

  /// What is wrong with the series as a whole: that it has no beginning, and each object that another names as the one
  /// before it and that is not there.
  var problems: [ArchiveProblem] {
    let first = base ?? headers.keys.min() ?? 0
    let missing = Set(headers.values.map(\.previous))
      .filter { $0 > first && headers[$0] == nil }.sorted()
    let gaps = missing.map { number in
      ArchiveProblem(
        .missingObject, object: "\(SnapshotHeader.prefix)\(SeqID.digits(number))-…",
        "a snapshot is missing or damaged: the changes in it are lost")
    }
    if base != nil { return gaps }
    return [
      ArchiveProblem(
        .missingObject, object: SnapshotHeader.prefix,
        "no full snapshot is whole: documents that did not change lately are missing")
    ] + gaps
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
