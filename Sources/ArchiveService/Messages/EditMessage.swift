// A sender changes what they said.

import ArchiveCore

/// Replaces the text of a message by an entry that names it.
struct EditMessage: Sendable {
  let access: Access
  let log: ConversationLog
  let activity: ActivityRecorder
  let settings: ServiceSettings.Messages

  func callAsFunction(_ caller: Caller, _ seq: Int64, in id: ConversationID, text: String?)
    async throws -> MessageView
  {
    let member = try await access.member(caller, of: id, for: .editMessage)
    guard seq > member.hiddenSeq, let message = try await log.message(seq, in: id) else {
      throw ServiceError.noSuchMessage
    }
    guard RightsTable.mayEdit(message, caller) else {
      throw ServiceError(.forbidden, "only its sender edits a message")
    }
    guard message.deletedAt == nil else {
      throw ServiceError(.conflict, "the message is deleted")
    }
    var errors = FieldErrors()
    MessageRules.check(text: text, limitBytes: settings.textLimitBytes, &errors)
    try errors.check()
    let edit = try await MessageRules.append(
      EntryDraft(.edit, in: id, by: caller.userID, text: text, target: seq), to: log)
    guard let edited = try await log.message(seq, in: id) else {
      throw ServiceError.noSuchMessage
    }
    await activity.note(edited, amendedBy: edit.entry.seq)
    return MessageView(edited)
  }
}
