// Who may do what: the one place that decides.

import ArchiveCore

/// Decisions from membership and role, free of stores. Every use case asks here.
enum Rights {
  /// Only the sender changes a text.
  static func mayEdit(_ message: Message, _ caller: Caller) -> Bool {
    message.entry.kind == .message && message.entry.senderID == caller.userID
  }

  /// The sender deletes a message; in a group its owner too; an admin who is a member, anywhere.
  static func mayDelete(
    _ message: Message, _ caller: Caller, _ member: Member, in conversation: Conversation
  ) -> Bool {
    guard message.entry.kind == .message else { return false }
    return message.entry.senderID == caller.userID || caller.role == .admin
      || (conversation.kind == .group && member.role == .owner)
  }
}

/// Looks up what a caller is to a conversation. To everybody but its members a conversation does
/// not exist, admins included: the answer is that for one that was never there.
struct Access: Sendable {
  let members: Collection<Member>
  let conversations: Collection<Conversation>

  init(documents: any DocumentStore) {
    members = Collection(in: documents)
    conversations = Collection(in: documents)
  }

  func member(_ caller: Caller, of id: ConversationID) async throws -> Member {
    guard let member = try await members.find(id: Member.id(id, caller.userID)) else {
      throw ServiceError.noSuchConversation
    }
    return member
  }

  func conversation(_ caller: Caller, _ id: ConversationID) async throws
    -> (Conversation, Member)
  {
    let member = try await member(caller, of: id)
    guard let conversation = try await conversations.find(id: id.description) else {
      throw ServiceError.noSuchConversation
    }
    return (conversation, member)
  }
}
