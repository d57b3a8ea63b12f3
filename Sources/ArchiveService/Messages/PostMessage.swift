// A member says something.

import ArchiveCore

/// Sends a message. It is durable when this returns.
///
/// A send with a `clientId` that the sender used before in this conversation returns the message of
/// the first one, whatever the second says: the first wins.
struct PostMessage: Sendable {
  let access: Access
  let log: ConversationLog
  let activity: ActivityRecorder
  let settings: ServiceSettings.Messages

  /// What a sender gives.
  struct Input: Decodable {
    let text: String?
    let files: [String]?
    let replyTo: Int64?
    let clientId: String?
  }

  func callAsFunction(_ caller: Caller, in id: ConversationID, _ input: Input) async throws
    -> (MessageView, isRepeat: Bool)
  {
    _ = try await access.member(caller, of: id)
    var errors = FieldErrors()
    MessageRules.check(text: input.text, limitBytes: settings.textLimitBytes, &errors)
    MessageRules.check(clientID: input.clientId, &errors)
    errors.require(input.files?.isEmpty ?? true, "files", "no such file")
    try errors.check()
    try await requireMessage(input.replyTo, in: id)
    let appended = try await MessageRules.append(
      EntryDraft(
        .message, in: id, by: caller.userID, text: input.text, replyTo: input.replyTo,
        clientID: input.clientId),
      to: log)
    guard appended.isRepeat else {
      await activity.note(appended.entry)
      return (MessageView(Message(appended.entry, text: appended.entry.text)), false)
    }
    // The first send may have been edited since.
    let first = try await log.message(appended.entry.seq, in: id)
    return (MessageView(first ?? Message(appended.entry, text: appended.entry.text)), true)
  }

  private func requireMessage(_ seq: Int64?, in id: ConversationID) async throws {
    guard let seq else { return }
    guard seq > 0, let message = try await log.message(seq, in: id), message.entry.kind == .message
    else { throw ServiceError.field("replyTo", "is not a message of this conversation") }
  }
}
