// What lies in the archive of each conversation, for those who look after archives.

/// Reads manifests and states, and hands out the very bytes that a manifest describes. Changes nothing.
package struct ArchiveCatalog: Sendable {
  private let documents: any DocumentStore
  private let objects: any ObjectStore
  private let blockLimitBytes: Int
  /// Checks all of it.
  package let verifier: ArchiveVerifier

  init(
    documents: any DocumentStore, objects: any ObjectStore, settings: LogSettings,
    anchorKey: AnchorKey, surroundings: Surroundings
  ) {
    (self.documents, self.objects) = (documents, objects)
    blockLimitBytes = settings.blockLimitBytes
    verifier = ArchiveVerifier(
      documents: documents, objects: objects, settings: settings, anchorKey: anchorKey,
      surroundings: surroundings)
  }

  private var manifests: Collection<SegmentManifest> { Collection(in: documents) }

  /// At most so many segments of a conversation behind a seq, in order.
  package func segments(of conversation: ConversationID, behind seq: Int64, limit: Int)
    async throws(StoreError) -> [SegmentManifest]
  {
    guard seq < SeqID.greatestSeq else { return [] }
    return try await manifests.find(
      where: SeqID.filter(conversation, max(0, seq) + 1...SeqID.greatestSeq),
      sort: [.ascending("id")], limit: limit)
  }

  /// The segment that begins with this seq, or `nil`. What lay in packs begins elsewhere once it was compacted.
  package func segment(of conversation: ConversationID, firstSeq: Int64) async throws(StoreError)
    -> SegmentManifest?
  {
    try await manifests.find(id: SegmentManifest.id(conversation, firstSeq: firstSeq))
  }

  /// How many segments there are, of one conversation or of all.
  package func segmentCount(of conversation: ConversationID?) async throws(StoreError) -> Int {
    try await documents.count(
      SegmentManifest.schema.name,
      where: conversation.map { SeqID.filter($0, 0...SeqID.greatestSeq) } ?? .everything)
  }

  /// What all segments of a conversation are together.
  package func extent(of conversation: ConversationID) async throws(StoreError) -> ArchiveExtent {
    var extent = ArchiveExtent()
    let query = Query(
      SegmentManifest.schema.name, where: SeqID.filter(conversation, 0...SeqID.greatestSeq),
      sort: [.ascending("id")], limit: 256)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      for document in page { extent.add(try SegmentManifest(document: document)) }
    }
    return extent
  }

  /// How far each of these conversations is archived; those of which nothing is archived yet are left out.
  package func ends(of conversations: [ConversationID]) async throws(StoreError)
    -> [ConversationID: LogHead]
  {
    guard !conversations.isEmpty else { return [:] }
    let states = try await Collection(ArchiveState.self, in: documents).find(
      where: .oneOf("id", conversations.map { .string($0.description) }),
      limit: conversations.count)
    let ends = states.map { ($0.id, LogHead(seq: $0.archivedSeq, ordinal: $0.archivedOrdinal)) }
    return Dictionary(ends) { first, _ in first }
  }

  /// The segment's own blocks as they lie in the object store: gzip members one behind another, and nothing of anybody
  /// else, also where it is part of a pack. `notFound` where compaction has replaced the object meanwhile.
  package func content(of manifest: SegmentManifest) async throws(StoreError) -> StoredObject {
    guard let key = ObjectKey(manifest.key), let range = manifest.range(blockLimitBytes) else {
      throw StoreError(.corrupt, "a manifest has an impossible place id=`\(manifest.id)`")
    }
    return try await objects.get(key, range: range)
  }
}

/// Segments, and their bytes, of one conversation.
package struct ArchiveExtent: Hashable, Sendable {
  package private(set) var segments = 0
  /// As they lie in the object store, and decompressed.
  package private(set) var storedBytes: Int64 = 0
  package private(set) var plainBytes: Int64 = 0

  fileprivate mutating func add(_ manifest: SegmentManifest) {
    segments += 1
    // Saturating: a document that somebody altered is for `verify` to find, and no reason to trap.
    storedBytes = storedBytes.addingOrMost(manifest.storedBytes)
    plainBytes = plainBytes.addingOrMost(manifest.decompressedBytes)
  }
}

extension SegmentManifest {
  /// Bytes of the segment's own blocks in the object, and decompressed.
  package var storedBytes: Int64 { blocks.reduce(0) { $0.addingOrMost($1.length) } }
  package var decompressedBytes: Int64 { blocks.reduce(0) { $0.addingOrMost($1.plainLength) } }

  /// Where the blocks lie in the object; `nil` where that cannot be.
  fileprivate func range(_ blockLimitBytes: Int) -> Range<Int64>? {
    guard let first = blocks.first, let last = blocks.last, first.offset <= last.offset,
      first.isPossible(limitBytes: blockLimitBytes), last.isPossible(limitBytes: blockLimitBytes)
    else { return nil }
    return first.offset..<last.offset + last.length
  }
}

extension Int64 {
  fileprivate func addingOrMost(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
