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
  let support: SupportWork
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
    let member = try await access.member(caller, of: id, for: .postMessage)
    var errors = FieldErrors()
    MessageRules.check(text: input.text, limitBytes: settings.textLimitBytes, &errors)
    MessageRules.check(clientID: input.clientId, &errors)
    errors.require(input.files?.isEmpty ?? true, "files", "no such file")
    try errors.check()
    try await requireMessage(input.replyTo, for: member)
    if member.kind == .support {
      // Opened before the message: a process that dies in between leaves a request in the queue, never a
      // question that nobody sees.
      try await support.reopen(caller, id) { try await isRepeat(input, caller, id) }
    }
    let appended = try await MessageRules.append(
      EntryDraft(
        .message, in: id, by: caller.userID, text: input.text, replyTo: input.replyTo,
        clientID: input.clientId),
      to: log)
    if member.kind == .support {
      // Somebody may have closed it in between.
      try await support.reopen(caller, id) { try await isClosed(id, after: appended.entry) }
    }
    guard appended.isRepeat else {
      await activity.note(appended.entry)
      return (MessageView(Message(appended.entry, text: appended.entry.text)), false)
    }
    // The first send may have been edited since.
    let first = try await log.message(appended.entry.seq, in: id)
    return (MessageView(first ?? Message(appended.entry, text: appended.entry.text)), true)
  }

  /// Whether it was sent before: what is closed since stays closed.
  private func isRepeat(_ input: Input, _ caller: Caller, _ id: ConversationID) async throws -> Bool
  {
    guard let clientID = input.clientId else { return false }
    return try await log.entry(of: caller.userID, clientID: clientID, in: id) != nil
  }

  private func isClosed(_ id: ConversationID, after entry: Entry) async throws -> Bool {
    // Nothing but messages follows what closed it, and each of those opens it again.
    try await log.messages(in: id, at: .end, limit: 20).messages.contains {
      $0.entry.kind == .supportClosed && $0.entry.seq > entry.seq
    }
  }

  private func requireMessage(_ seq: Int64?, for member: Member) async throws {
    guard let seq else { return }
    guard seq > member.hiddenSeq,
      let message = try await log.message(seq, in: member.conversationID),
      message.entry.kind == .message
    else { throw ServiceError.field("replyTo", "is not a message of this conversation") }
  }
}
