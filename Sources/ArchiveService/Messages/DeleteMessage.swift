// A message is taken back.

import ArchiveCore

/// Takes the text from a message; its place stays. Deleting a deleted message succeeds and writes nothing.
struct DeleteMessage: Sendable {
  let access: Access
  let log: ConversationLog

  func callAsFunction(_ caller: Caller, _ seq: Int64, in id: ConversationID) async throws {
    let (conversation, member) = try await access.conversation(caller, id)
    guard let message = try await log.message(seq, in: id) else {
      throw ServiceError.noSuchMessage
    }
    guard Rights.mayDelete(message, caller, member, in: conversation) else {
      throw ServiceError(.forbidden, "only its sender or the group's owner deletes a message")
    }
    guard message.deletedAt == nil else { return }
    _ = try await log.append(EntryDraft(.deletion, in: id, by: caller.userID, target: seq))
  }
}
