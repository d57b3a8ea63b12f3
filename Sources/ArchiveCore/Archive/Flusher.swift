// Moves buffered entries to the object store: read, encode, put, commit, trim.

internal import Logging

/// Flushes conversations under a lease. Each step may be the last before the process is killed.
struct Flusher: Sendable {
  let documents: any DocumentStore
  let buffer: LogBuffer
  let watch: BufferWatch
  let writer: ArchiveWriter
  let snapshots: SnapshotWriter
  let totals: LogTotals
  let settings: LogSettings
  let anchorKey: AnchorKey
  let surroundings: Surroundings
  let logger: Logger

  /// Segments of one conversation that may be written before others have their turn.
  private static let segmentsInARow = 16

  var trimmer: BufferTrimmer {
    BufferTrimmer(documents: documents, surroundings: surroundings, settings: settings)
  }

  /// One conversation's lines on their way into an object.
  private struct Load {
    let state: ArchiveState
    let part: ArchivePart
    let last: Entry
    let entries: [BufferedEntry]
    let amendments: [TransactionStep]
    /// When reading it began: what is noted later may not be in it.
    let readSince: Duration
  }

  /// Flushes the conversations: the talkative into segments of their own, the rest together into packs.
  /// A conversation whose documents are corrupt is left out and reported; any other error ends the round.
  func flush(_ conversations: [ConversationID], under lease: ArchiveLease) async throws(StoreError)
  {
    var loads: [Load] = []
    for conversation in conversations {
      if let rest = try await writeSegments(conversation, under: lease) { loads.append(rest) }
      if loads.count >= settings.packConversations
        || loads.reduce(0, { $0 + $1.part.bytes }) >= settings.packBytes
      {
        try await writePack(loads, under: lease)
        loads = []
      }
    }
    if !loads.isEmpty { try await writePack(loads, under: lease) }
  }

  /// Writes segments while the conversation has enough for one; returns what is left for a pack.
  private func writeSegments(_ conversation: ConversationID, under lease: ArchiveLease)
    async throws(StoreError) -> Load?
  {
    for _ in 0..<Self.segmentsInARow {
      guard let load = try await loadUnlessCorrupt(conversation) else { return nil }
      guard load.part.bytes >= settings.segmentBytes else { return load }
      try await writeSegment(load, under: lease)
    }
    // Others wait too: the rest is due again in the next round.
    watch.suspected(conversation, at: surroundings.uptime() - settings.maxAge)
    return nil
  }

  /// `nil` where nothing can be flushed; then the conversation is not due any more.
  private func loadUnlessCorrupt(_ conversation: ConversationID) async throws(StoreError) -> Load? {
    let tick = watch.tick
    do throws(StoreError) {
      if let load = try await load(conversation) { return load }
      watch.forget(conversation, unlessSince: tick)
      return nil
    } catch  where error.kind == .corrupt {
      watch.forget(conversation, unlessSince: tick)
      totals.count { $0.flushFailures += 1 }
      logger.critical(
        "a conversation cannot be flushed: its buffer is damaged; run verify",
        metadata: ["conversation": "\(conversation)", "error": "\(error)"])
      return nil
    }
  }

  /// Up to one full segment of the conversation's buffered lines, checked; `nil` where nothing is buffered.
  private func load(_ conversation: ConversationID) async throws(StoreError) -> Load? {
    var lines: [EntryLine] = []
    var amendments: [TransactionStep] = []
    var bytes = 0
    var entries: [BufferedEntry] = []
    let readSince = surroundings.uptime()
    let state = try await buffer.archiveState(conversation)
    guard let headBefore = Digest256(hex: state.archivedHead) else {
      throw StoreError(.corrupt, "an archive state has no head conversation=`\(conversation)`")
    }
    reading: while true {
      let first = state.archivedSeq + 1 + Int64(lines.count)
      let page = try await buffer.view(
        conversation, first...SeqID.greatestSeq, .oldestFirst, limit: 500)
      for (index, item) in page.entries.enumerated() {
        guard item.seq == first + Int64(index) else {
          throw StoreError(
            .corrupt, "a buffered entry is missing conversation=`\(conversation)` seq=`\(first)`")
        }
        let line = try item.checkedLine()
        if item.isAmendment, let step = AmendmentDocument.step(recording: try item.entry(), line) {
          amendments.append(step)
        }
        lines.append(line)
        bytes += line.bytes.count + 1
        entries.append(item)
        if bytes >= settings.compactedBytes { break reading }
      }
      if page.entries.count < 500 { break }
    }
    guard let last = try lines.last?.entry() else { return nil }
    let part = ArchivePart(
      conversationID: conversation, firstSeq: state.archivedSeq + 1, headBefore: headBefore,
      lines: lines)
    return Load(
      state: state, part: part, last: last, entries: entries, amendments: amendments,
      readSince: readSince)
  }

  private func writeSegment(_ load: Load, under lease: ArchiveLease) async throws(StoreError) {
    let level = load.part.bytes >= settings.compactedBytes / 2 ? 2 : 1
    let object = await ArchiveObject.segment(
      load.part, level: level, settings: settings, at: surroundings.now())
    try await commit(object, [load], under: lease)
    totals.count { $0.segmentsPut += 1 }
  }

  private func writePack(_ loads: [Load], under lease: ArchiveLease) async throws(StoreError) {
    let day = loads.map(\.last.createdAt).max() ?? surroundings.now()
    let object = await ArchiveObject.pack(
      loads.map(\.part), day: day, settings: settings, at: surroundings.now())
    try await commit(object, loads, under: lease)
    totals.count { $0.packsPut += 1 }
  }

  private func commit(_ object: ArchiveObject, _ loads: [Load], under lease: ArchiveLease)
    async throws(StoreError)
  {
    await surroundings.reached(.flushEncoded)
    // The round's snapshot may be older than an entry that was read after it, and what was written with that entry must
    // not be missing where the entry is there: a removed member would come back with a restoration.
    if loads.contains(where: { $0.entries.contains(where: \.isTogether) }) {
      try await snapshots.writeUnlessCorrupt(under: lease)
    }
    var steps: [TransactionStep] = []
    for (load, manifest) in zip(loads, object.manifests) {
      let state = load.state.archived(manifest, ordinal: load.last.ordinal, settings: settings)
      steps.append(.insert(try manifest.document(), into: SegmentManifest.schema.name))
      steps.append(state.step(replacing: load.state))
      steps.append(Anchor(state, key: anchorKey).step)
      steps += load.amendments
    }
    try await writer.write(
      object, under: lease, put: .flushPut, committed: .flushCommitted, steps: steps)
    for load in loads {
      watch.archived(
        load.state.id, upTo: load.last.seq, restSince: load.readSince)
    }
    for load in loads { try await trimmer.trim(load.entries) }
    await surroundings.reached(.flushTrimmed)
    totals.count { $0.archivedEntries += loads.reduce(0) { $0 + $1.part.lines.count } }
  }
}
