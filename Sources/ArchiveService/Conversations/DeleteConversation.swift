// A group is deleted for everybody, or a direct conversation from one's own list.

import ArchiveCore

/// Deletes a conversation, as far as people see it.
///
/// A deleted group has no members, so it exists for nobody; what was said stays in the archive until a rule of
/// retention or an erasure takes it. A direct conversation belongs to two: it goes from one's own list with
/// everything said so far, and comes back, empty, with the next message.
struct DeleteConversation: Sendable {
  private let access: Access
  private let changes: ConversationChanges
  private let members: Collection<Member>
  private let log: ConversationLog
  private let activity: ActivityRecorder
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, changes: ConversationChanges, log: ConversationLog,
    activity: ActivityRecorder, surroundings: Surroundings
  ) {
    access = Access(documents: documents)
    members = Collection(in: documents)
    (self.changes, self.log, self.activity) = (changes, log, activity)
    self.surroundings = surroundings
  }

  func callAsFunction(_ caller: Caller, _ id: ConversationID) async throws {
    let (conversation, member) = try await access.conversation(
      caller, id, for: .deleteConversation)
    switch conversation.kind {
    case .direct: try await hide(member)
    case .group: try await delete(id, by: caller)
    case .support: throw ServiceError(.conflict, "a support conversation is closed, not deleted")
    case .order: throw ServiceError(.conflict, "the conversation of an order stays with it")
    }
  }

  private func delete(_ id: ConversationID, by caller: Caller) async throws {
    try await changes(id, by: caller.userID) { record in
      let member = try record.member(caller)
      guard RightsTable.mayDelete(record.conversation, member) else {
        throw ServiceError(.forbidden, "only the group's owner deletes it")
      }
      var after = record
      after.members = []
      after.conversation.deletedAt = surroundings.now()
      return PlannedChange(
        kind: .conversationDeleted, record: after,
        audit: AuditEvent(.conversationDeleted, actor: caller.userID, conversation: id))
    }
  }

  private func hide(_ member: Member) async throws {
    let id = member.conversationID
    // What was said before must not put it back into the list afterwards.
    try await activity.settle(id)
    let head = try await log.head(of: id)
    try await members.update(
      where: .id(member.id),
      [
        .max("hiddenSeq", .integer(head.seq)), .set("hiddenAt", .time(surroundings.now())),
        .max("readSeq", .integer(head.seq)), .max("readOrdinal", .integer(head.ordinal)),
      ])
    // A message that came in between may have put it back before it was gone.
    if try await log.head(of: id).seq > head.seq { try await Self.show(member.id, in: members) }
  }

  /// Puts a conversation back into its member's list.
  static func show(_ memberID: String, in members: Collection<Member>) async throws(StoreError) {
    try await members.update(where: .id(memberID), [.unset("hiddenAt")])
  }
}
