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

  /// Attempts at one conversation, or at the snapshots, before a finding counts.
  private static let attempts = 3

  /// Checks one conversation, or all of them, the objects that nothing refers to, and the snapshots.
  ///
  /// - Parameter onSegment: called for each segment that was looked at; again where one is looked at again.
  public func verify(
    _ conversation: ConversationID?, progress: Progress = { _, _ in },
    onSegment: @escaping @Sendable () -> Void = {}
  ) async throws(StoreError) -> VerificationReport {
    var report = VerificationReport()
    var objectCheck = ObjectCheck(objects: objects)
    let census = ConversationCensus(documents: documents)
    let conversations = if let conversation { [conversation] } else { try await census.all() }
    for (index, conversation) in conversations.enumerated() {
      try await verify(conversation, &objectCheck, &report, onSegment)
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

  private func verifySnapshots(_ report: inout VerificationReport) async throws(StoreError) {
    let check = SnapshotCheck(documents: documents, objects: objects)
    let (count, problems) = try await untilConfirmed({ $0.problems.isEmpty }) {
      (_) async throws(StoreError) in try await check.run()
    }
    report.snapshots = count
    report.problems += problems
  }

  private func verify(
    _ conversation: ConversationID, _ objectCheck: inout ObjectCheck,
    _ report: inout VerificationReport, _ onSegment: @escaping @Sendable () -> Void
  ) async throws(StoreError) {
    let check = try await untilConfirmed({ $0.problems.isEmpty }) {
      (isRepeated) async throws(StoreError) in
      if isRepeated { objectCheck.forgetFailures() }
      var check = ConversationCheck(
        conversation: conversation, documents: documents,
        fetcher: BlockFetcher(objects: objects, limitBytes: settings.blockLimitBytes),
        anchorKey: anchorKey, objectCheck: objectCheck, onSegment: onSegment)
      try await check.run()
      objectCheck = check.objectCheck
      return check
    }
    report.problems += check.problems
    report.segments += check.segments
    report.archivedEntries += check.archivedEntries
    report.bufferedEntries += check.bufferedEntries
  }

  /// Checks again what found something: a server beside may have changed documents between two reads.
  private func untilConfirmed<Check>(
    _ isGood: (Check) -> Bool, _ run: (_ isRepeated: Bool) async throws(StoreError) -> Check
  ) async throws(StoreError) -> Check {
    var attempt = 1
    while true {
      let check = try await run(attempt > 1)
      if isGood(check) || attempt == Self.attempts { return check }
      attempt += 1
      do { try await surroundings.sleep(.milliseconds(300)) } catch {
        throw StoreError(.unavailable, "the verification was cancelled")
      }
    }
  }
}
