// Archives as admins see them.

import ArchiveCore

/// A conversation from outside: who, when and how much, and nothing of what was said.
struct ArchivedConversationView: Encodable {
  let id: ConversationID
  let kind: ConversationKind
  let title: String?
  /// In a list the first few, for one conversation all.
  let members: [MemberView]
  let memberCount: Int64
  let createdAt: Timestamp
  let lastActivityAt: Timestamp
  let deletedAt: Timestamp?
  /// The newest entry, and the newest that is archived.
  let lastSeq: Int64
  let archivedSeq: Int64
  let messageCount: Int64
  /// Only where one conversation is shown.
  let extent: ExtentView?

  init(
    _ conversation: Conversation, _ members: [MemberView], head: LogHead, archived: LogHead?,
    lastActivityAt: Timestamp, extent: ArchiveExtent? = nil
  ) {
    (id, kind, title) = (conversation.id, conversation.kind, conversation.title)
    (self.members, memberCount) = (members, conversation.memberCount)
    (createdAt, deletedAt) = (conversation.createdAt, conversation.deletedAt)
    self.lastActivityAt = lastActivityAt
    // Two readings: a flush between them may have archived what the first did not know.
    (lastSeq, archivedSeq) = (max(head.seq, archived?.seq ?? 0), archived?.seq ?? 0)
    messageCount = max(head.ordinal, archived?.ordinal ?? 0)
    self.extent = extent.map(ExtentView.init)
  }
}

/// All segments of a conversation together.
struct ExtentView: Encodable {
  let segments: Int
  let storedBytes: Int64
  let plainBytes: Int64

  init(_ extent: ArchiveExtent) {
    (segments, storedBytes, plainBytes) = (
      extent.segments, extent.storedBytes, extent.plainBytes
    )
  }
}

/// A segment as its manifest describes it.
struct SegmentView: Encodable {
  let firstSeq: Int64
  let lastSeq: Int64
  /// Where it lies, and whether together with other conversations.
  let key: String
  let isPack: Bool
  /// Bytes of this conversation's blocks, as they lie there and decompressed.
  let storedBytes: Int64
  let plainBytes: Int64
  let blocks: Int
  /// Of the whole object, a pack's included.
  let objectBytes: Int64
  let objectSha256: String
  let headBefore: String
  let headAfter: String
  let createdAt: Timestamp

  init(_ manifest: SegmentManifest) {
    (firstSeq, lastSeq, key) = (manifest.firstSeq, manifest.lastSeq, manifest.key)
    (isPack, blocks) = (manifest.level == 0, manifest.blocks.count)
    (storedBytes, plainBytes) = (manifest.storedBytes, manifest.decompressedBytes)
    (objectBytes, objectSha256) = (manifest.objectBytes, manifest.objectSHA256)
    (headBefore, headAfter) = (manifest.headBefore, manifest.headAfter)
    createdAt = manifest.createdAt
  }
}
