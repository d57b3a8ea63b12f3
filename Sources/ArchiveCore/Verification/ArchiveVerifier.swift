// Checks everything that is archived against the hash chain, the anchors and the documents.

/// Verifies conversations, changing nothing. May run beside a server that archives.
public struct ArchiveVerifier: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let settings: LogSettings
  let anchorKey: AnchorKey
  let surroundings: Surroundings

  public init(
    documents: any DocumentStore, objects: any ObjectStore, settings: LogSettings,
    anchorKey: AnchorKey, surroundings: Surroundings
  ) {
    (self.documents, self.objects, self.settings) = (documents, objects, settings)
    (self.anchorKey, self.surroundings) = (anchorKey, surroundings)
  }

  /// How far a verification is: conversations done, of how many.
  public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

  /// Attempts at one conversation before a finding counts, because a flush or compaction may
  /// change documents between two reads.
  private static let attempts = 3

  /// Checks one conversation, or all of them, the objects that nothing refers to, and the snapshots.
  public func verify(_ conversation: ConversationID?, progress: Progress = { _, _ in })
    async throws(StoreError) -> VerificationReport
  {
    var report = VerificationReport()
    var objectCheck = ObjectCheck(objects: objects)
    let census = ConversationCensus(documents: documents)
    let conversations = if let conversation { [conversation] } else { try await census.all() }
    for (index, conversation) in conversations.enumerated() {
      try await verify(conversation, &objectCheck, &report)
      progress(index + 1, conversations.count)
    }
    report.conversations = conversations.count
    report.objects = objectCheck.count
    if conversation == nil {
      report.orphans = try await census.orphans(in: objects)
      try await verifySnapshots(&report)
    }
    return report
  }

  /// A server beside may replace the series between the list and the reading.
  private func verifySnapshots(_ report: inout VerificationReport) async throws(StoreError) {
    let check = SnapshotCheck(documents: documents, objects: objects)
    for attempt in 1...Self.attempts {
      let (count, problems) = try await check.run()
      if problems.isEmpty || attempt == Self.attempts {
        report.snapshots = count
        report.problems += problems
        return
      }
      try await pause()
    }
  }

  private func pause() async throws(StoreError) {
    do { try await surroundings.sleep(.milliseconds(300)) } catch {
      throw StoreError(.unavailable, "the verification was cancelled")
    }
  }

  private func verify(
    _ conversation: ConversationID, _ objectCheck: inout ObjectCheck,
    _ report: inout VerificationReport
  ) async throws(StoreError) {
    for attempt in 1...Self.attempts {
      var check = ConversationCheck(
        conversation: conversation, documents: documents,
        fetcher: BlockFetcher(objects: objects, limitBytes: settings.blockLimitBytes),
        anchorKey: anchorKey, objectCheck: objectCheck)
      try await check.run()
      objectCheck = check.objectCheck
      if check.problems.isEmpty || attempt == Self.attempts {
        report.problems += check.problems
        report.segments += check.segments
        report.archivedEntries += check.archivedEntries
        report.bufferedEntries += check.bufferedEntries
        return
      }
      objectCheck.forgetFailures()
      try await pause()
    }
  }
}
