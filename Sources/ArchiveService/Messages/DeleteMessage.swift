// A message is taken back.

import ArchiveCore

/// Takes the text from a message; its place stays. Deleting a deleted message succeeds and writes nothing.
struct DeleteMessage: Sendable {
  let access: Access
  let log: ConversationLog
  let activity: ActivityRecorder

  func callAsFunction(_ caller: Caller, _ seq: Int64, in id: ConversationID) async throws {
    let (conversation, member) = try await access.conversation(caller, id, for: .deleteMessage)
    guard seq > member.hiddenSeq, let message = try await log.message(seq, in: id) else {
      throw ServiceError.noSuchMessage
    }
    guard RightsTable.mayDelete(message, caller, member, in: conversation) else {
      throw ServiceError(.forbidden, "only its sender and those who administer the group delete it")
    }
    guard message.deletedAt == nil else { return }
    let deletion = try await log.append(
      EntryDraft(.deletion, in: id, by: caller.userID, target: seq)
    ).entry
    await activity.note(
      Message(message.entry, text: nil, deletedAt: deletion.createdAt), amendedBy: deletion.seq)
  }
}
