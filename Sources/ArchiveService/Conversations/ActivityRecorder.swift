// Moves conversations up the lists of their members, many sends with one write.

import ArchiveCore
import Logging

/// Remembers which conversations were active and what senders have read, and writes it together.
///
/// So a send costs one durable write, that of its entry. Marks are written every `activityWindow`
/// (on a shared store every second),
/// before a list is answered, and at shutdown. They only ever raise values, so writing one twice or
/// late does no harm. Marks that a crash takes are mended by `repair` when the conversation is next
/// listed or opened, and by its next message; until then it stands where it stood in the order.
actor ActivityRecorder {
  private struct Mark {
    /// `nil`: nothing was said, only something that was said was changed.
    var time: Timestamp?
    var ordinal: Int64
    /// The newest message, or its newest state.
    var newest: LastMessage?
    /// The newest entry that `newest` knows of.
    var seenSeq: Int64
    /// What lists show may have no document yet.
    var mayBeMissing = false
    /// Something new was said: who took the conversation from their list gets it back.
    var isNews = true
    /// The newest own message of each sender: what one wrote one has read.
    var reads: [UserID: (seq: Int64, ordinal: Int64)]
  }

  private static let conversationsPerWrite = 100

  private let documents: any DocumentStore
  private let log: ConversationLog
  private let settings: ServiceSettings.Conversations
  private let window: Duration
  private let surroundings: Surroundings
  private let logger: Logger
  private var marks: [ConversationID: Mark] = [:]
  private var isWriting = false
  /// The last write failed: readers do without until one succeeds.
  private var isFailing = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(
    documents: any DocumentStore, log: ConversationLog, settings: ServiceSettings.Conversations,
    surroundings: Surroundings, logger: Logger
  ) {
    (self.documents, self.log, self.settings) = (documents, log, settings)
    (self.surroundings, self.logger) = (surroundings, logger)
    // Other nodes order their lists by what this one has written.
    window =
      documents.isShared ? min(settings.activityWindow, .seconds(1)) : settings.activityWindow
  }

  /// Notes a message or a change of the conversation. Beyond `activityLimit` waiting conversations the mark is
  /// left to `repair`.
  func note(_ entry: Entry) {
    var mark = Mark(
      time: entry.createdAt, ordinal: entry.ordinal,
      newest: LastMessage(Message(entry)), seenSeq: entry.seq, reads: [:])
    // Who changes a title need not have read what was said.
    if entry.kind == .message, let sender = entry.senderID {
      mark.reads[sender] = (entry.seq, entry.ordinal)
    }
    note(mark, of: entry.conversationID)
  }

  /// Notes that a message was edited or deleted, by the entry of that seq.
  func note(_ message: Message, amendedBy seq: Int64) {
    let mark = Mark(
      time: nil, ordinal: 0, newest: LastMessage(message, amendedBy: seq), seenSeq: seq,
      isNews: false, reads: [:])
    note(mark, of: message.entry.conversationID)
  }

  private func note(_ mark: Mark, of id: ConversationID) {
    guard marks[id] != nil || marks.count < settings.activityLimit else { return }
    add(mark, to: id)
  }

  /// Writes the marks every window, until cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        try await surroundings.sleep(window)
      } catch { return }
      do {
        try await settleAll()
      } catch {
        reportFailure(error)
      }
    }
  }

  /// For a reader of one conversation, or of the list: where marks cannot be written, older ones are better than none.
  func settleIfPossible(_ id: ConversationID? = nil) async {
    if isFailing { return }
    do {
      if let id { try await settle(id) } else { try await settleAll() }
    } catch {
      reportFailure(error)
    }
  }

  private func reportFailure(_ error: any Error) {
    logger.warning(
      "activity could not be written, will try again", metadata: ["error": "\(error)"])
  }

  /// Returns when every mark made before the call is written.
  func settleAll() async throws {
    // The marks of now: those that come meanwhile are not waited for.
    await idle()
    let ids = Array(marks.keys)
    for start in stride(from: 0, to: ids.count, by: Self.conversationsPerWrite) {
      await idle()
      let end = min(start + Self.conversationsPerWrite, ids.count)
      try await write(Array(ids[start..<end]))
    }
  }

  /// Returns when the marks of one conversation made before the call are written.
  func settle(_ id: ConversationID) async throws {
    await idle()
    if marks[id] != nil { try await write([id]) }
  }

  /// What the list should show as the newest message. Marks a conversation of which the documents do not know it,
  /// because a process died before it wrote what it had noted.
  ///
  /// - Parameter knownOrdinal: up to which message the order of the list knows of.
  func repair(
    _ id: ConversationID, _ head: LogHead, _ known: LastMessageDocument?, knownOrdinal: Int64
  ) async throws -> LastMessage? {
    if let waiting = marks[id]?.newest, waiting.version > known?.message?.version ?? "" {
      return waiting
    }
    guard head.ordinal > knownOrdinal || head.seq > known?.seenSeq ?? 0,
      let newest = try await log.messages(in: id, at: .end, limit: 1).messages.last
    else { return known?.message }
    // Which edit is the newest is not told; none that this one does not know has a greater seq than the head's.
    let message = LastMessage(
      newest, amendedBy: newest.editedAt == nil && newest.deletedAt == nil ? 0 : head.seq)
    var mark = Mark(
      time: newest.entry.createdAt, ordinal: newest.entry.ordinal, newest: message,
      seenSeq: max(head.seq, newest.entry.seq), mayBeMissing: true, isNews: known != nil, reads: [:]
    )
    if newest.entry.kind == .message, let sender = newest.entry.senderID {
      mark.reads[sender] = (newest.entry.seq, newest.entry.ordinal)
    }
    note(mark, of: id)
    return message
  }

  /// Returns when nobody writes. Who returns first from it writes first; the others look again.
  private func idle() async {
    while isWriting { await withCheckedContinuation { waiting.append($0) } }
  }

  private func add(_ mark: Mark, to id: ConversationID) {
    guard var known = marks[id] else {
      marks[id] = mark
      return
    }
    if let time = mark.time { known.time = max(known.time ?? time, time) }
    known.ordinal = max(known.ordinal, mark.ordinal)
    known.seenSeq = max(known.seenSeq, mark.seenSeq)
    known.mayBeMissing = known.mayBeMissing || mark.mayBeMissing
    known.isNews = known.isNews || mark.isNews
    if let newest = mark.newest, newest.version > known.newest?.version ?? "" {
      known.newest = newest
    }
    known.reads.merge(mark.reads) { $0.seq > $1.seq ? $0 : $1 }
    marks[id] = known
  }

  /// The marks are taken before the write and put back where it failed.
  private func write(_ ids: [ConversationID]) async throws {
    let batch = ids.compactMap { id in marks.removeValue(forKey: id).map { (id, $0) } }
    guard !batch.isEmpty else { return }
    isWriting = true
    defer {
      isWriting = false
      for continuation in waiting { continuation.resume() }
      waiting.removeAll()
    }
    do {
      try await documents.transact(batch.flatMap(Self.steps))
      isFailing = false
    } catch {
      isFailing = true
      for (id, mark) in batch { add(mark, to: id) }
      throw error
    }
  }

  private static func steps(_ id: ConversationID, _ mark: Mark) -> [TransactionStep] {
    var activity: [Update] = []
    if let time = mark.time {
      activity.append(
        Update(
          Member.schema.name, where: .equal("conversationId", id.stored),
          [.max("activityAt", .time(time)), .max("activityOrdinal", .integer(mark.ordinal))]
            + (mark.isNews ? [.unset("hiddenAt")] : []), extent: .all))
    }
    let reads = mark.reads.map { user, read in
      Update(
        Member.schema.name, where: .id(Member.id(id, user)),
        [.max("readSeq", .integer(read.seq)), .max("readOrdinal", .integer(read.ordinal))])
    }
    return (activity + reads).map { .update($0, mustMatch: false) }
      + LastMessageDocument.steps(
        id, mark.newest, seenSeq: mark.seenSeq, mayBeMissing: mark.mayBeMissing)
  }
}
