// Manifests, remembered for readers: what is archived never changes, only its place does.

internal import Synchronization

/// The manifests of recently read conversations, by a bounded number of their blocks. Safe from any task.
///
/// A compaction replaces manifests, but the objects of the old ones stay for the orphan grace, so a
/// remembered manifest serves until its object is gone; then `ArchiveReader` forgets it and asks anew.
final class ManifestCache: Sendable {
  private let documents: any DocumentStore
  private let known: Mutex<RecentlyUsed<ConversationID, [SegmentManifest]>>

  /// Manifests that are remembered of one conversation.
  private static let manifestLimit = 512
  /// How often manifests are read that do not hold the range. A conversation is compacted once in a while: what is missing
  /// still is missing indeed.
  private static let readLimit = 4

  init(documents: any DocumentStore, limitBlocks: Int) {
    self.documents = documents
    known = Mutex(RecentlyUsed(limit: limitBlocks))
  }

  func forget(_ conversation: ConversationID) { known.withLock { $0.remove(conversation) } }

  /// The manifests that together hold the range, in rising seq; fewer where some do not exist.
  func manifests(_ conversation: ConversationID, covering range: ClosedRange<Int64>)
    async throws(StoreError) -> [SegmentManifest]
  {
    let remembered = known.withLock { $0.value(conversation) } ?? []
    let covering = remembered.filter {
      $0.lastSeq >= range.lowerBound && $0.firstSeq <= range.upperBound
    }
    if Self.cover(covering, range) { return covering }
    var found = try await read(conversation, overlapping: range)
    // Reading takes several queries: a compaction between two of them takes away what the second would have found.
    for _ in 1..<Self.readLimit where !Self.cover(found, range) {
      found = try await read(conversation, overlapping: range)
    }
    remember(conversation, remembered, found)
    return found
  }

  private static func cover(_ manifests: [SegmentManifest], _ range: ClosedRange<Int64>) -> Bool {
    var next = range.lowerBound
    for manifest in manifests {
      guard manifest.firstSeq <= next else { return false }
      next = max(next, manifest.lastSeq + 1)
    }
    return next > range.upperBound
  }

  /// Keeps what was read and what does not overlap it.
  private func remember(
    _ conversation: ConversationID, _ old: [SegmentManifest], _ read: [SegmentManifest]
  ) {
    guard let first = read.first?.firstSeq, let last = read.last?.lastSeq else { return }
    var kept = old.filter { $0.lastSeq < first } + read + old.filter { $0.firstSeq > last }
    if kept.count > Self.manifestLimit { kept = Array(read.suffix(Self.manifestLimit)) }
    let blocks = kept.reduce(0) { $0 + $1.blocks.count }
    known.withLock { $0.insert(kept, for: conversation, cost: blocks) }
  }

  private func read(_ conversation: ConversationID, overlapping range: ClosedRange<Int64>)
    async throws(StoreError) -> [SegmentManifest]
  {
    let segments = Collection(SegmentManifest.self, in: documents)
    // The one that begins at or below the range, then those that begin inside it.
    var manifests = try await segments.find(
      where: SeqID.filter(conversation, 0...range.lowerBound), sort: [.descending("id")], limit: 1)
    var behind = max(range.lowerBound, manifests.last?.lastSeq ?? 0)
    while behind < range.upperBound {
      let page = try await segments.find(
        where: SeqID.filter(conversation, behind + 1...range.upperBound),
        sort: [.ascending("id")], limit: 256)
      manifests += page
      guard page.count == 256, let last = page.last else { break }
      behind = last.firstSeq
    }
    return manifests
  }
}
