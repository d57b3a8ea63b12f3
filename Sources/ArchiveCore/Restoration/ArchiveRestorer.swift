// Rebuilds an empty document store from the objects alone.

/// Restores a deployment whose documents are lost.
///
/// Everything that is done is written down before the next thing is begun (`RestorationNote`), and doing a thing twice
/// changes nothing. So a restoration that was killed goes on where it was; until it is complete, nothing else must use
/// the store (`isUnfinished`). Nobody may write to the objects meanwhile. No object is changed or deleted.
///
/// Memory: one snapshot object, and the places of one conversation's entries.
public struct ArchiveRestorer: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let schemas: [CollectionSchema]
  let settings: LogSettings
  let anchorKey: AnchorKey
  let surroundings: Surroundings

  var notes: RestorationNotes { RestorationNotes(documents: documents) }

  /// Problems in one report.
  private static let problemLimit = 10_000

  /// - Parameters:
  ///   - documents: where nothing is yet, or a restoration was begun.
  ///   - schemas: the deployment's collections besides those of the log.
  ///   - anchorKey: signs the heads anew.
  public init(
    documents: any DocumentStore, objects: any ObjectStore, schemas: [CollectionSchema],
    settings: LogSettings, anchorKey: AnchorKey, surroundings: Surroundings
  ) {
    (self.documents, self.objects, self.schemas) = (documents, objects, schemas)
    (self.settings, self.anchorKey, self.surroundings) = (settings, anchorKey, surroundings)
  }

  /// Whether a restoration was begun here and not ended. Then the documents are not whole.
  public static func isUnfinished(in documents: any DocumentStore) async throws(StoreError) -> Bool
  {
    try await RestorationNotes(documents: documents).note(RestorationNote.run) != nil
  }

  /// Restores, or goes on restoring. `refused` where the documents are not empty.
  ///
  /// What cannot be restored is in the report, and does not keep the rest from being restored. After any error it
  /// may be called again.
  public func restore(progress: @Sendable (RestorationProgress) -> Void = { _ in })
    async throws(StoreError) -> RestorationReport
  {
    try await documents.prepare(ConversationLog.schemas + schemas)
    try await begin()
    var report = RestorationReport()
    let snapshots = SnapshotRestoration(restorer: self)
    try await snapshots.restore(&report, progress)
    let intake = ObjectIntake(restorer: self)
    try await intake.read(&report, progress)
    try await ConversationRebuild(restorer: self).rebuild(progress)
    try await retireUnused(&report)
    try await verify(&report, progress)
    try await finish(&report)
    return report
  }

  private func begin() async throws(StoreError) {
    if try await Self.isUnfinished(in: documents) { return }
    for schema in ConversationLog.schemas + schemas where !Self.mayBeThere.contains(schema.name) {
      guard try await documents.find(Query(schema.name, limit: 1)).isEmpty else {
        throw StoreError(
          .refused, "the database is not empty collection=`\(schema.name)`",
          hint: "restore into a new data directory or database")
      }
    }
    try await notes.insertMissing([
      Document(["id": .string(RestorationNote.run), "startedAt": .time(surroundings.now())])
    ])
  }

  /// What a server leaves in a store that was never used.
  private static let mayBeThere: [CollectionName] = [
    LeaseDocument.schema.name, SnapshotState.schema.name,
  ]

  /// Leaves to the sweep what holds nothing that is not elsewhere, such as packs that were compacted.
  private func retireUnused(_ report: inout RestorationReport) async throws(StoreError) {
    var retired = 0
    let query = notes.query("object/")
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      var steps: [TransactionStep] = []
      for note in page where note["keep"] == nil {
        guard case .string(let key)? = note["key"] else { continue }
        let isReferred = try await documents.count(
          SegmentManifest.schema.name, where: .equal("key", .string(key)))
        if isReferred == 0 {
          steps.append(RetiredObject.step(retiring: key, at: surroundings.now()))
        }
      }
      if !steps.isEmpty { try await documents.transact(steps) }
      retired += steps.count
    }
    report.retiredObjects = retired
  }

  private func verify(
    _ report: inout RestorationReport, _ progress: @Sendable (RestorationProgress) -> Void
  ) async throws(StoreError) {
    let verifier = ArchiveVerifier(
      documents: documents, objects: objects, settings: settings, anchorKey: anchorKey,
      surroundings: surroundings)
    report.verification = try await withoutActuallyEscaping(progress) {
      (progress) async throws(StoreError) in
      try await verifier.verify(nil) { progress(.verifyingConversations(done: $0, of: $1)) }
    }
    report.conversations = report.verification.conversations
    report.entries = report.verification.archivedEntries
  }

  /// The report's figures from the documents; then the notes go, the one of the run last.
  private func finish(_ report: inout RestorationReport) async throws(StoreError) {
    for schema in schemas {
      report.documents[schema.name.description] = try await documents.count(
        schema.name, where: .everything)
    }
    report.problems = try await notes.problems(limit: Self.problemLimit)
    let run = try await notes.note(RestorationNote.run)
    if case .time(let time)? = run?["newestEntryAt"] { report.newestEntryAt = time.description }
    if case .time(let time)? = run?["snapshotAt"] { report.snapshotAt = time.description }
    for prefix in ["object/", "part/", "line/", "deleted/", "problem/"] {
      try await notes.delete(prefix)
    }
    try await documents.delete(RestorationNote.schema.name, where: .id(RestorationNote.run))
  }
}
