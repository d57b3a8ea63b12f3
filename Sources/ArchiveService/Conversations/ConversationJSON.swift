// Conversations as the HTTP interface shows them.

import ArchiveCore

/// A conversation as one of its members sees it.
struct ConversationView: Encodable {
  let id: ConversationID
  let kind: ConversationKind
  let title: String?
  /// In a list the first few, for one conversation all.
  let members: [MemberView]
  let memberCount: Int64
  let createdAt: Timestamp
  let lastSeq: Int64
  let lastActivityAt: Timestamp
  let readSeq: Int64
  let unread: Int64

  init(_ conversation: Conversation, _ member: Member, _ head: LogHead, _ members: [MemberView]) {
    (id, kind, title) = (conversation.id, conversation.kind, conversation.title)
    (self.members, memberCount) = (members, conversation.memberCount)
    (createdAt, lastSeq) = (conversation.createdAt, head.seq)
    (lastActivityAt, readSeq) = (member.activityAt, member.readSeq)
    unread = member.unread(headOrdinal: head.ordinal)
  }
}

/// A member as other members see them.
struct MemberView: Encodable {
  let id: UserID
  let name: String
  /// Only where one conversation is shown.
  let role: MemberRole?
}

/// A page of a list.
struct PageView<Item: Encodable>: Encodable {
  let items: [Item]
  let next: String?

  private enum Key: CodingKey { case items, next }

  /// By hand, because `next` is written as null where there is none.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(items, forKey: .items)
    try container.encode(next, forKey: .next)
  }
}
