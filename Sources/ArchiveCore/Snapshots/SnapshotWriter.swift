// Keeps in the object store what else a deployment needs besides its entries.

internal import Logging
internal import Synchronization

/// Writes documents of some collections as objects: all of them in a full snapshot, from then on what changes.
///
/// Works under the archive lease. Each object gets a number of its own, durably, before it is put, so two processes
/// never write the same one. Killed between any two steps, it leaves at worst an object that is true and that the sweep
/// deletes; what it holds is still marked, and the next snapshot holds it again.
struct SnapshotWriter: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let collections: [CollectionName]
  let writer: ArchiveWriter
  let totals: LogTotals
  let settings: LogSettings
  let surroundings: Surroundings
  let logger: Logger
  private let memory = SnapshotMemory()

  /// Objects with changes in one round at the most, so that flushes get their turn.
  private static let objectsInARow = 16
  /// Marks that are taken back in one transaction.
  private static let marksAtOnce = 100

  init(
    documents: any DocumentStore, objects: any ObjectStore, collections: [CollectionName],
    writer: ArchiveWriter, totals: LogTotals, settings: LogSettings, surroundings: Surroundings,
    logger: Logger
  ) {
    (self.documents, self.objects, self.collections) = (documents, objects, collections)
    (self.writer, self.totals, self.settings) = (writer, totals, settings)
    (self.surroundings, self.logger) = (surroundings, logger)
  }

  private var changes: UnsavedChanges {
    UnsavedChanges(documents: documents, collections: collections, settings: settings)
  }

  /// Whether something waits that no flush has taken along for a while.
  func isDue() async throws(StoreError) -> Bool {
    guard !collections.isEmpty else { return false }
    let now = surroundings.uptime()
    if let last = memory.lastLook, now - last < settings.snapshotInterval { return false }
    if try await changes.exist() { return true }
    let hasSeries = try await SnapshotState.load(from: documents).series > 0
    if !hasSeries, try await hasDocuments() { return true }
    // The next look comes after the next interval; a flush does not wait for it.
    memory.noteLook(at: now)
    return false
  }

  private func hasDocuments() async throws(StoreError) -> Bool {
    for collection in collections {
      if try await !documents.find(Query(collection, limit: 1)).isEmpty { return true }
    }
    return false
  }

  /// The same, but a document that cannot be written down must not keep messages out of the archive: it is reported.
  func writeUnlessCorrupt(under lease: ArchiveLease) async throws(StoreError) {
    do throws(StoreError) {
      try await write(under: lease)
    } catch  where error.kind == .corrupt || error.kind == .invalid {
      totals.count { $0.flushFailures += 1 }
      logger.critical(
        "a snapshot cannot be written: a document is damaged",
        metadata: ["error": "\(error)"])
    }
  }

  /// Brings the object store up to this moment. Puts nothing where nothing changed.
  func write(under lease: ArchiveLease) async throws(StoreError) {
    guard !collections.isEmpty else { return }
    var state = try await SnapshotState.load(from: documents)
    if !memory.knowsBucket {
      try await compareWithBucket(&state)
      memory.noteBucket()
    }
    let renewal = try await changes.renewalMark()
    if state.series == 0 || renewal != nil || state.isRenewalDue(at: surroundings.now(), settings) {
      try await writeFull(&state, renewal, under: lease)
    }
    for _ in 0..<Self.objectsInARow {
      let at = surroundings.now()
      let batch = try await changes.batch()
      guard !batch.lines.isEmpty || !batch.clearing.isEmpty else { break }
      try await writeChanges(batch, at: at, &state, under: lease)
      if !batch.hasMore { break }
    }
    memory.noteLook(at: surroundings.uptime())
  }
}

// Full snapshots.
extension SnapshotWriter {
  /// All documents, in objects of a bounded size. They count from the moment on at which the last of them is recorded.
  private func writeFull(
    _ state: inout SnapshotState, _ renewal: UnsavedDeletion?, under lease: ArchiveLease
  ) async throws(StoreError) {
    let at = surroundings.now()
    var series = FullSeries(at: at)
    var batch = SnapshotBatch()
    for collection in collections {
      var query = Query(collection, sort: [.ascending("id")], limit: UnsavedChanges.page)
      while true {
        let page = try await documents.find(query)
        for document in page {
          if batch.isFull(settings) {
            try await put(part: batch, hasMore: true, &series, &state, under: lease)
            batch = SnapshotBatch()
          }
          batch.add(document, of: collection)
        }
        guard page.count == query.limit, let last = page.last else { break }
        query.after = query.cursor(behind: last)
      }
    }
    guard !batch.lines.isEmpty || !series.keys.isEmpty || state.series > 0 else { return }
    try await put(part: batch, hasMore: false, &series, &state, under: lease)
    try await record(series, renewal.map { [$0.removal] } ?? [], &state, under: lease)
    // What several objects hold stays marked, and is written again as a change: its marks were not kept in memory.
    if series.keys.count == 1 { try await clearMarks(batch) }
    try await retireObjects(before: state.series, under: lease)
  }

  private func put(
    part batch: SnapshotBatch, hasMore: Bool, _ series: inout FullSeries,
    _ state: inout SnapshotState, under lease: ArchiveLease
  ) async throws(StoreError) {
    let number = state.number + 1
    if series.keys.isEmpty { series.first = number }
    let header = SnapshotHeader(
      number: number, series: series.first, previous: series.last ?? state.recorded,
      part: Int64(series.keys.count) + 1, hasMore: hasMore, at: series.at)
    series.bytes += try await put(header, batch, &state, under: lease)
    series.keys.append(header.key)
    series.last = number
  }

  private func record(
    _ series: FullSeries, _ steps: [TransactionStep], _ state: inout SnapshotState,
    under lease: ArchiveLease
  ) async throws(StoreError) {
    var next = state
    (next.recorded, next.series) = (series.last ?? state.number, series.first)
    (next.seriesAt, next.seriesBytes, next.changedBytes) = (series.at, series.bytes, 0)
    let kept = series.keys.map { RetiredObject.step(keeping: $0.description) }
    try await documents.transact(
      [lease.expectation, next.step(replacing: state)] + kept + steps)
    state = next
    await surroundings.reached(.snapshotRecorded)
    totals.count { $0.snapshotsPut += series.keys.count }
  }

  /// Leaves what a full snapshot replaced to the sweep. Killed here, it is done after the next full snapshot.
  private func retireObjects(before series: Int64, under lease: ArchiveLease)
    async throws(StoreError)
  {
    var after: ObjectKey?
    while true {
      let page = try await objects.list(prefix: SnapshotHeader.prefix, after: after, limit: 500)
      let old = page.map(\.key).filter { key in
        SnapshotHeader.parts(of: key).map { $0.number < series } ?? false
      }
      let now = surroundings.now()
      if !old.isEmpty {
        try await documents.transact(
          [lease.renewal(at: now)]
            + old.map { RetiredObject.step(retiring: $0.description, at: now) })
      }
      guard page.count == 500, let last = page.last, last.key < SnapshotHeader.place(behind: series)
      else { return }
      after = last.key
    }
  }
}

// Changes, and what all objects have in common.
extension SnapshotWriter {
  private func writeChanges(
    _ batch: SnapshotBatch, at: Timestamp, _ state: inout SnapshotState, under lease: ArchiveLease
  ) async throws(StoreError) {
    let header = SnapshotHeader(
      number: state.number + 1, series: state.series, previous: state.recorded, part: nil,
      hasMore: batch.hasMore, at: at)
    let bytes = try await put(header, batch, &state, under: lease)
    var next = state
    next.recorded = header.number
    next.changedBytes += bytes
    try await documents.transact(
      [
        lease.expectation, next.step(replacing: state),
        RetiredObject.step(keeping: header.key.description),
      ])
    state = next
    await surroundings.reached(.snapshotRecorded)
    totals.count { $0.snapshotsPut += 1 }
    try await clearMarks(batch)
  }

  /// Takes back the marks of what is recorded, some at a time, so that no transaction is large and nobody who writes to
  /// these documents waits for long. Killed here, or long after another process took over, it does no harm: what stays
  /// marked is written again, and a mark goes only where the document is still the one that was recorded.
  private func clearMarks(_ batch: SnapshotBatch) async throws(StoreError) {
    var steps = batch.clearing[...]
    while !steps.isEmpty {
      try await documents.transact(Array(steps.prefix(Self.marksAtOnce)))
      steps = steps.dropFirst(Self.marksAtOnce)
    }
  }

  /// Gives out the number and puts the object; returns its bytes.
  private func put(
    _ header: SnapshotHeader, _ batch: SnapshotBatch, _ state: inout SnapshotState,
    under lease: ArchiveLease
  ) async throws(StoreError) -> Int64 {
    let bytes = await SnapshotObject.encoded(header, batch.lines)
    var next = state
    next.number = header.number
    // Another object under a number that nobody else was given is another deployment's.
    try await writer.put(
      header.key, bytes, under: lease, replacing: false, steps: [next.step(replacing: state)])
    state = next
    await surroundings.reached(.snapshotPut)
    return Int64(bytes.count)
  }

  /// Once in a process: documents that were put back to an older state must not write snapshots that count as older
  /// than those in the bucket, documents that begin anew must not replace what the bucket alone remembers, and changes
  /// must not follow a snapshot that is not there, because the archive was moved.
  private func compareWithBucket(_ state: inout SnapshotState) async throws(StoreError) {
    let found = try await SnapshotBucket(objects: objects).extent(from: state.recorded)
    var next = state
    if let found, found.newest > state.number {
      guard state.number > 0 else {
        throw StoreError(
          .refused, "the objects are those of another archive newestSnapshot=`\(found.newest)`",
          hint: "run restore with an empty database, or name an empty bucket or prefix")
      }
      logger.warning("the database is older than the snapshots; a full one is made")
      next.number = found.newest
    } else if state.recorded == 0 || found?.oldest == state.recorded {
      return
    }
    try await documents.transact([
      next.step(replacing: state),
      UnsavedDeletion.everythingStep(token: surroundings.newID().description),
    ])
    state = next
  }
}

/// A full snapshot that is being written.
private struct FullSeries {
  let at: Timestamp
  var first: Int64 = 0
  var last: Int64?
  var keys: [ObjectKey] = []
  var bytes: Int64 = 0
}

/// What this process knows without asking: when it looked last, and that the bucket is its own. Safe from any task.
private final class SnapshotMemory: Sendable {
  private let state = Mutex<(lastLook: Duration?, knowsBucket: Bool)>((nil, false))

  var lastLook: Duration? { state.withLock(\.lastLook) }
  var knowsBucket: Bool { state.withLock(\.knowsBucket) }

  func noteLook(at time: Duration) { state.withLock { $0.lastLook = time } }
  func noteBucket() { state.withLock { $0.knowsBucket = true } }
}

/// The snapshots that lie in an object store.
struct SnapshotBucket: Sendable {
  let objects: any ObjectStore

  /// The least and the greatest number from this one on; `nil` where there is none.
  func extent(from number: Int64) async throws(StoreError) -> (oldest: Int64, newest: Int64)? {
    var extent: (oldest: Int64, newest: Int64)?
    var after = SnapshotHeader.place(behind: max(0, number - 1))
    while true {
      let page = try await objects.list(prefix: SnapshotHeader.prefix, after: after, limit: 1000)
      for case let (number, _)? in page.map({ SnapshotHeader.parts(of: $0.key) }) {
        extent = (extent?.oldest ?? number, number)
      }
      guard page.count == 1000, let last = page.last else { return extent }
      after = last.key
    }
  }
}
