// Moves a conversation's blocks from packs into segments of its own, and joins small segments.

internal import Logging

/// Joins neighbouring manifests of a conversation into one segment. The lines stay as they are, so the chain does too.
///
/// Parts of packs are joined when they are many or enough for a full segment; small segments when they are.
/// So each byte is rewritten about once, and the number of objects grows with a conversation's size, not its age.
struct Compactor: Sendable {
  let documents: any DocumentStore
  let fetcher: BlockFetcher
  let writer: ArchiveWriter
  let totals: LogTotals
  let settings: LogSettings
  let surroundings: Surroundings
  let logger: Logger

  /// Manifests that one compaction reads at most.
  private static let manifestLimit = 4096

  /// The conversations that have enough to compact.
  func due(limit: Int) async throws(StoreError) -> [ConversationID] {
    try await Collection(ArchiveState.self, in: documents)
      .find(
        where: .greaterOrEqual("compactionDue", .string("0")), sort: [.ascending("compactionDue")],
        limit: limit
      )
      .map(\.id)
  }

  func compact(_ conversation: ConversationID, under lease: ArchiveLease) async throws(StoreError) {
    let states = Collection(ArchiveState.self, in: documents)
    guard let state = try await states.find(id: conversation.description) else { return }
    let joinsSegments = state.isJoinDue(settings)
    let manifests = try await Collection(SegmentManifest.self, in: documents).find(
      where: .and([
        SeqID.filter(conversation, 0...SeqID.greatestSeq),
        .lessOrEqual("level", .integer(joinsSegments ? 1 : 0)),
      ]), sort: [.ascending("id")], limit: Self.manifestLimit)
    var joined: [SegmentManifest] = []
    for group in Self.groups(of: manifests, limitBytes: Int64(settings.compactedBytes))
    where group.count > 1 {
      joined.append(try await join(group, under: lease))
    }
    try await note(state, joined, alone: manifests, joinsSegments: joinsSegments, under: lease)
  }

  /// Neighbours without a gap, up to the size of a full segment.
  static func groups(of manifests: [SegmentManifest], limitBytes: Int64) -> [[SegmentManifest]] {
    var groups: [[SegmentManifest]] = []
    var bytes: Int64 = 0
    for manifest in manifests {
      if let last = groups.last?.last, last.lastSeq + 1 == manifest.firstSeq,
        bytes + manifest.plainBytes <= limitBytes
      {
        groups[groups.count - 1].append(manifest)
        bytes += manifest.plainBytes
      } else {
        groups.append([manifest])
        bytes = manifest.plainBytes
      }
    }
    return groups
  }

  private func join(_ group: [SegmentManifest], under lease: ArchiveLease)
    async throws(StoreError) -> SegmentManifest
  {
    var lines: [EntryLine] = []
    for manifest in group {
      for place in manifest.blocks {
        lines += try await fetcher.block(place, of: manifest).block.lines
      }
    }
    await surroundings.reached(.compactionRead)
    guard let first = group.first, let last = group.last,
      let headBefore = Digest256(hex: first.headBefore)
    else { throw StoreError(.corrupt, "a manifest has no head id=`\(group.first?.id ?? "")`") }
    let part = ArchivePart(
      conversationID: first.conversationId, firstSeq: first.firstSeq, headBefore: headBefore,
      lines: lines)
    let level = part.bytes >= settings.compactedBytes / 2 ? 2 : 1
    let object = await ArchiveObject.segment(
      part, level: level, settings: settings, at: surroundings.now())
    let manifest = object.manifests[0]
    guard manifest.lastSeq == last.lastSeq, manifest.headAfter == last.headAfter else {
      throw StoreError(
        .corrupt, "segments do not continue each other conversation=`\(first.conversationId)`",
        hint: "run verify")
    }
    try await writer.write(
      object, under: lease, put: .compactionPut, committed: .compactionCommitted,
      steps: try steps(replacing: group, by: manifest))
    totals.count { $0.segmentsPut += 1 }
    return manifest
  }

  private func steps(replacing group: [SegmentManifest], by manifest: SegmentManifest)
    throws(StoreError) -> [TransactionStep]
  {
    var steps: [TransactionStep] = []
    for old in group {
      let unchanged = Filter.and([.id(old.id), .equal("key", .string(old.key))])
      steps.append(.expect(SegmentManifest.schema.name, where: unchanged))
      steps.append(.delete(SegmentManifest.schema.name, where: unchanged))
    }
    steps.append(.insert(try manifest.document(), into: SegmentManifest.schema.name))
    for key in Set(group.map(\.key)).sorted() where key != manifest.key {
      steps.append(RetiredObject.step(retiring: key, at: surroundings.now()))
    }
    return steps
  }

  /// Counts anew what is left to compact.
  private func note(
    _ state: ArchiveState, _ joined: [SegmentManifest], alone manifests: [SegmentManifest],
    joinsSegments: Bool, under lease: ArchiveLease
  ) async throws(StoreError) {
    var next = state
    (next.packedParts, next.packedBytes) = (0, 0)
    if joinsSegments { (next.joinableSegments, next.joinableBytes) = (0, 0) }
    for manifest in joined where manifest.level == 1 {
      next.joinableSegments += 1
      next.joinableBytes += manifest.plainBytes
    }
    next.noteCompaction(settings)
    // A group of one that cannot grow would otherwise be due for ever.
    if joined.isEmpty { next.compactionDue = nil }
    try await documents.transact([lease.expectation, next.step(replacing: state)])
  }
}
