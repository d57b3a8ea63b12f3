// A sender changes what they said.

import ArchiveCore

/// Replaces text and files of a message by an entry that names it. What the sender does not name stays.
struct EditMessage: Sendable {
  let access: Access
  let log: ConversationLog
  let activity: ActivityRecorder
  let attach: AttachFiles
  let settings: ServiceSettings.Messages

  /// What a sender gives.
  struct Input: Decodable {
    let text: String?
    /// The files that the message has from then on.
    let files: [String]?
  }

  func callAsFunction(_ caller: Caller, _ seq: Int64, in id: ConversationID, _ input: Input)
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
    let (files, steps) = try await files(input, of: message, caller)
    let text = input.text ?? (input.files == nil ? nil : message.text)
    var errors = FieldErrors()
    MessageRules.check(
      text: text, hasFiles: input.files != nil && !files.isEmpty,
      limitBytes: settings.textLimitBytes, &errors)
    try errors.check()
    let draft = EntryDraft(
      .edit, in: id, by: caller.userID, text: text, target: seq, files: files)
    let edit =
      steps.isEmpty
      ? try await MessageRules.append(draft, to: log)
      : try await MessageRules.append(draft, to: log) { _ in steps }
    return MessageView(try await settled(edit.entry, of: message, now: files))
  }

  /// What the message has from now on, and what is noted of that.
  private func files(_ input: Input, of message: Message, _ caller: Caller) async throws
    -> ([AttachedFile], [TransactionStep])
  {
    guard let texts = input.files else { return (message.files, []) }
    let (entry, wanted) = (message.entry, try attach.ids(texts))
    let present = Dictionary(message.files.map { ($0.id, $0) }) { first, _ in first }
    // What it has already it may keep, whoever else may have it.
    let added = try await attach(wanted.filter { present[$0] == nil }, by: caller)
    let known = present.merging(added.map { ($0.id, $0.attached) }) { first, _ in first }
    let removed = message.files.filter { !wanted.contains($0.id) }.map {
      FileUse(fileID: $0.id, conversationID: entry.conversationID, seq: entry.seq)
    }
    return (
      wanted.compactMap { known[$0] },
      AttachFiles.steps(attaching: added.map(\.id), to: entry.seq, in: entry.conversationID)
        + attach.steps(detaching: removed)
    )
  }

  /// The message after the edit; what the edit took from it goes.
  private func settled(_ edit: Entry, of before: Message, now files: [AttachedFile]) async throws
    -> Message
  {
    let (id, seq) = (before.entry.conversationID, before.entry.seq)
    guard let edited = try await log.message(seq, in: id) else { throw ServiceError.noSuchMessage }
    if edited.deletedAt != nil { try await attach.settleDeleted(seq, in: id) }
    let gone = before.files.map(\.id).filter { id in !files.contains { $0.id == id } }
    await attach.removeUnused(gone)
    await activity.note(edited, amendedBy: edit.seq)
    return edited
  }
}
