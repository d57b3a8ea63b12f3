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
  let attach: AttachFiles
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
    let ids = try attach.ids(input.files ?? [])
    var errors = FieldErrors()
    MessageRules.check(
      text: input.text, hasFiles: !ids.isEmpty, limitBytes: settings.textLimitBytes, &errors)
    MessageRules.check(clientID: input.clientId, &errors)
    try errors.check()
    try await requireMessage(input.replyTo, for: member)
    // The files of a message that was sent before may be gone with it.
    if !ids.isEmpty, let first = try await firstSend(input, caller, id) {
      return (try await view(of: first), true)
    }
    let files = try await attach(ids, by: caller)
    if member.kind == .support {
      // Opened before the message: a process that dies in between leaves a request in the queue, never a
      // question that nobody sees.
      try await support.reopen(caller, id) { try await isRepeat(input, caller, id) }
    }
    let appended = try await append(input, files, in: id, caller)
    if member.kind == .support {
      // Somebody may have closed it in between.
      try await support.reopen(caller, id) { try await isClosed(id, after: appended.entry) }
    }
    guard appended.isRepeat else {
      await activity.note(appended.entry)
      return (MessageView(Message(appended.entry)), false)
    }
    return (try await view(of: appended.entry), true)
  }

  private func append(
    _ input: Input, _ files: [StoredFile], in id: ConversationID, _ caller: Caller
  ) async throws -> AppendedEntry {
    let draft = EntryDraft(
      .message, in: id, by: caller.userID, text: input.text, replyTo: input.replyTo,
      clientID: input.clientId, files: files.map(\.attached))
    guard !files.isEmpty else { return try await MessageRules.append(draft, to: log) }
    let ids = files.map(\.id)
    return try await MessageRules.append(draft, to: log) { entry in
      AttachFiles.steps(attaching: ids, to: entry.seq, in: id)
    }
  }

  /// A first send as it is now: it may have been edited since.
  private func view(of first: Entry) async throws -> MessageView {
    let message = try await log.message(first.seq, in: first.conversationID)
    return MessageView(message ?? Message(first))
  }

  /// Whether it was sent before: what is closed since stays closed.
  private func isRepeat(_ input: Input, _ caller: Caller, _ id: ConversationID) async throws -> Bool
  {
    try await firstSend(input, caller, id) != nil
  }

  private func firstSend(_ input: Input, _ caller: Caller, _ id: ConversationID) async throws
    -> Entry?
  {
    guard let clientID = input.clientId else { return nil }
    return try await log.entry(of: caller.userID, clientID: clientID, in: id)
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
