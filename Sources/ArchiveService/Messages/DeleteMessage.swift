// A message is taken back.

import ArchiveCore

/// Takes text and files from a message; its place stays. Deleting a deleted message succeeds and writes nothing.
struct DeleteMessage: Sendable {
  let access: Access
  let log: ConversationLog
  let activity: ActivityRecorder
  let attach: AttachFiles

  func callAsFunction(_ caller: Caller, _ seq: Int64, in id: ConversationID) async throws {
    let (conversation, member) = try await access.conversation(caller, id, for: .deleteMessage)
    guard seq > member.hiddenSeq, let message = try await log.message(seq, in: id) else {
      throw ServiceError.noSuchMessage
    }
    guard RightsTable.mayDelete(message, caller, member, in: conversation) else {
      throw ServiceError(.forbidden, "only its sender and those who administer the group delete it")
    }
    guard message.deletedAt == nil else { return }
    let draft = EntryDraft(.deletion, in: id, by: caller.userID, target: seq)
    let uses = try await attach.uses(of: seq, in: id)
    let deletion: Entry
    if uses.isEmpty {
      deletion = try await log.append(draft).entry
    } else {
      let steps = attach.steps(detaching: uses)
      deletion = try await log.append(draft) { _ in steps }.entry
      await attach.removeUnused(uses.map(\.fileID))
    }
    try await attach.settleDeleted(seq, in: id)
    await activity.note(
      Message(message.entry, deletion: deletion), amendedBy: deletion.seq)
  }
}
