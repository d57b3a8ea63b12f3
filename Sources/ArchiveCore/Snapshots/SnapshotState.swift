// How far the snapshots of a deployment have come.

/// The document that numbers snapshots and remembers the newest full one.
struct SnapshotState: Codable, Hashable, Sendable {
  let id: String
  /// The newest number that was given to an object. Each is given once, whatever becomes of the object.
  var number: Int64
  /// The newest object that holds for certain what it should; 0 before the first.
  var recorded: Int64
  /// The first object of the newest complete full snapshot; 0 before the first.
  var series: Int64
  /// When that was begun, its bytes, and the bytes of what was written behind it.
  var seriesAt: Timestamp
  var seriesBytes: Int64
  var changedBytes: Int64

  static let documentID = "state"

  init() {
    id = Self.documentID
    (number, recorded, series, seriesBytes, changedBytes) = (0, 0, 0, 0, 0)
    seriesAt = Timestamp(milliseconds: 0)
  }

  /// Whether the series has become so long, or so old, that a new full snapshot is worth its bytes. A deployment
  /// in which nothing changes never needs one.
  func isRenewalDue(at now: Timestamp, _ settings: LogSettings) -> Bool {
    guard changedBytes > 0 else { return false }
    return now.since(seriesAt) >= settings.snapshotRenewal
      || changedBytes > seriesBytes + Int64(settings.snapshotBytes)
  }

  /// Writes this state, provided that no other process gave out a number since `old` was read.
  func step(replacing old: SnapshotState) -> TransactionStep {
    .update(
      Update(
        Self.schema.name,
        where: .and([.id(id), .equal("number", .integer(old.number))]),
        [
          .set("number", .integer(number)), .set("recorded", .integer(recorded)),
          .set("series", .integer(series)), .set("seriesAt", .time(seriesAt)),
          .set("seriesBytes", .integer(seriesBytes)),
          .set("changedBytes", .integer(changedBytes)),
        ]),
      mustMatch: true)
  }

  /// The stored state; the first call of a deployment makes it.
  static func load(from documents: any DocumentStore) async throws(StoreError) -> SnapshotState {
    let states = Collection(SnapshotState.self, in: documents)
    if let state = try await states.find(id: documentID) { return state }
    do {
      try await states.insert(SnapshotState())
    } catch  where error.kind == .conflict {
      // Another process made it at the same moment.
    }
    return try await states.find(id: documentID) ?? SnapshotState()
  }
}

extension SnapshotState: StoredDocument {
  static let schema = CollectionSchema("snapshots")
}
