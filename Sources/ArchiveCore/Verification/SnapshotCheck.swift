// Whether the snapshots would bring back what is not in the log.

/// Reads every snapshot that a restoration would need, changing nothing.
struct SnapshotCheck: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore

  /// How many were read, and what is wrong with them. There are none before the first full one was recorded, as after a
  /// restoration: what lies in the object store then is going to be replaced.
  func run() async throws(StoreError) -> (count: Int, problems: [ArchiveProblem]) {
    let state = try await Collection(SnapshotState.self, in: documents)
      .find(id: SnapshotState.documentID)
    guard let state, state.recorded > 0 else { return (0, []) }
    let shelf = SnapshotShelf(objects: objects)
    let places = try await shelf.places().filter {
      ($0.number >= state.series) && ($0.number <= state.recorded)
    }
    var problems: [ArchiveProblem] = []
    var headers: [SnapshotHeader] = []
    var (search, base) = (SnapshotBaseSearch(), Int64?.none)
    for place in places.reversed() {
      var header: SnapshotHeader?
      switch try await shelf.read(place) {
      case .success(let object): header = object.header
      case .failure(let damage): problems.append(damage.problem)
      }
      if let header { headers.append(header) }
      if place.isFull, base == nil { base = search.met(header) }
    }
    var chain = SnapshotChain(base: base)
    for header in headers { chain.append(header) }
    if places.last?.number != state.recorded {
      problems.append(
        ArchiveProblem(
          .missingObject, object: "\(SnapshotHeader.prefix)\(SeqID.digits(state.recorded))-…",
          "the newest snapshot is missing: the changes in it are lost"))
    }
    return (places.count, problems + chain.problems)
  }
}
