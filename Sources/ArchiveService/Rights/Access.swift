// What a caller is to a conversation.

import ArchiveCore

/// Looks up whether a caller belongs to a conversation, and asks the table of rights whether that is enough.
///
/// To everybody but its members a conversation does not exist, admins included: the answer is that
/// for one that was never there. A deleted conversation has no members.
struct Access: Sendable {
  let members: Collection<Member>
  let conversations: Collection<Conversation>

  init(documents: any DocumentStore) {
    members = Collection(in: documents)
    conversations = Collection(in: documents)
  }

  func member(_ caller: Caller, of id: ConversationID, for endpoint: Endpoint) async throws
    -> Member
  {
    try await member(caller, of: id, by: RightsTable.rule(of: endpoint))
  }

  func member(_ caller: Caller, of id: ConversationID, by rule: Rule) async throws -> Member {
    guard let member = try await members.find(id: Member.id(id, caller.userID)),
      RightsTable.mayEnter(member, caller)
    else {
      throw ServiceError.noSuchConversation
    }
    try rule.require(member)
    return member
  }

  func conversation(_ caller: Caller, _ id: ConversationID, for endpoint: Endpoint) async throws
    -> (Conversation, Member)
  {
    let member = try await member(caller, of: id, for: endpoint)
    guard let conversation = try await conversations.find(id: id.description) else {
      throw ServiceError.noSuchConversation
    }
    return (conversation, member)
  }
}
