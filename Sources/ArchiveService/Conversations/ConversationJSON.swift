// Conversations as the HTTP interface shows them.

import ArchiveCore

/// A conversation as one of its members sees it.
struct ConversationView: Encodable {
  let id: ConversationID
  let kind: ConversationKind
  let title: String?
  let description: String?
  let support: SupportView?
  /// What the one who looks may do in it.
  let role: MemberRole
  /// In a list the first few, for one conversation all.
  let members: [MemberView]
  let memberCount: Int64
  let createdAt: Timestamp
  let lastSeq: Int64
  let lastActivityAt: Timestamp
  let readSeq: Int64
  let unread: Int64
  let lastMessage: LastMessageView?

  init(
    _ conversation: Conversation, _ member: Member, _ head: LogHead, _ newest: LastMessage?,
    _ members: [MemberView]
  ) {
    (id, kind, title) = (conversation.id, conversation.kind, conversation.title)
    (description, role) = (conversation.description, member.role)
    support = conversation.support.map(SupportView.init)
    (self.members, memberCount) = (members, conversation.memberCount)
    (createdAt, lastSeq) = (conversation.createdAt, head.seq)
    (lastActivityAt, readSeq) = (member.activityAt, member.readSeq)
    unread = member.unread(headOrdinal: head.ordinal)
    lastMessage = newest.flatMap { $0.seq > member.hiddenSeq ? LastMessageView($0) : nil }
  }
}

/// How it stands with a support conversation.
struct SupportView: Encodable {
  let status: SupportState.Status
  let since: Timestamp
  let customerId: UserID
  let agentId: UserID?

  init(_ state: SupportState) {
    (status, since) = (state.status, state.since)
    (customerId, agentId) = (state.customerID, state.agentID)
  }
}

/// The newest message or system entry, with the first characters of its text.
struct LastMessageView: Encodable {
  let seq: Int64
  let senderId: UserID?
  let kind: String
  let text: String?
  let data: [String: DocumentValueView]?
  let createdAt: Timestamp
  let editedAt: Timestamp?
  let deletedAt: Timestamp?

  init(_ message: LastMessage) {
    (seq, senderId, kind, text) = (message.seq, message.senderID, message.kind, message.text)
    data = message.data?.mapValues(DocumentValueView.init)
    (createdAt, editedAt) = (message.createdAt, message.editedAt)
    deletedAt = message.deletedAt
  }
}

/// A member as other members see them.
struct MemberView: Encodable {
  let id: UserID
  let name: String
  /// Only where one conversation is shown.
  let role: MemberRole?
  /// Likewise: how far the member has read.
  var readSeq: Int64?
}
