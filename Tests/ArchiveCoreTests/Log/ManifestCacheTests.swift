// Manifests as a reader finds them while others archive.

import ArchiveTesting
import Synchronization
import Testing

@testable import ArchiveCore

@Suite struct ManifestCacheTests {
  private let conversation = ConversationID(ULID(high: 1, low: 1))

  private func manifest(_ firstSeq: Int64, _ lastSeq: Int64) -> SegmentManifest {
    SegmentManifest(
      id: SeqID.text(conversation, firstSeq), conversationId: conversation, firstSeq: firstSeq,
      lastSeq: lastSeq, headBefore: "", headAfter: "", key: "\(firstSeq)-\(lastSeq)",
      objectBytes: 1, objectSHA256: "", level: 1,
      blocks: [
        SegmentManifest.BlockPlace(
          offset: 0, length: 1, plainLength: 1, firstSeq: firstSeq, lastSeq: lastSeq, headAfter: "")
      ], createdAt: Timestamp(milliseconds: 0))
  }

  @Test("S19 a compaction between the two looks of a reader makes nothing look missing")
  func compaction() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    let segments = SegmentManifest.schema.name
    try await store.prepare([SegmentManifest.schema])
    for part in [manifest(1, 10), manifest(11, 20), manifest(21, 30)] {
      try await store.transact([.insert(try part.document(), into: segments)])
    }
    let joined = try manifest(1, 30).document()
    let looks = Mutex(0)
    store.beforeFind { [inner = store.inner, conversation] _ in
      let look = looks.withLock { count in
        count += 1
        return count
      }
      guard look == 2 else { return }
      do {
        try await inner.transact([
          .delete(segments, where: SeqID.filter(conversation, 1...30)),
          .insert(joined, into: segments),
        ])
      } catch {
        Issue.record(error)
      }
    }
    let found = try await ManifestCache(documents: store, limitBlocks: 100)
      .manifests(conversation, covering: 5...25)
    #expect(found.map(\.key) == ["1-30"])
  }

  @Test("what is missing indeed is looked for a few times, and then found missing")
  func missing() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    try await store.prepare([SegmentManifest.schema])
    try await store.transact([
      .insert(try manifest(1, 10).document(), into: SegmentManifest.schema.name)
    ])
    let looks = Mutex(0)
    store.beforeFind { _ in looks.withLock { $0 += 1 } }
    let found = try await ManifestCache(documents: store, limitBlocks: 100)
      .manifests(conversation, covering: 5...25)
    #expect(found.map(\.key) == ["1-10"])
    #expect(looks.withLock(\.self) == 8)
  }
}
