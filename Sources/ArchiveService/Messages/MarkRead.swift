// A member says how far they have read.

import ArchiveCore

/// Moves a read mark forward, never back and never beyond the newest entry.
struct MarkRead: Sendable {
  private let access: Access
  private let members: Collection<Member>
  private let log: ConversationLog
  private let activity: ActivityRecorder
  private let onRead: OnRead

  /// Hears how far somebody has come.
  typealias OnRead = @Sendable (UserID, ConversationID, _ seq: Int64) async -> Void

  init(
    access: Access, documents: any DocumentStore, log: ConversationLog,
    activity: ActivityRecorder, onRead: @escaping OnRead = { _, _, _ in }
  ) {
    self.access = access
    members = Collection(in: documents)
    (self.log, self.activity, self.onRead) = (log, activity, onRead)
  }

  func callAsFunction(_ caller: Caller, in id: ConversationID, seq: Int64) async throws
    -> ReadView
  {
    guard seq >= 0 else { throw ServiceError.field("seq", "is negative") }
    await activity.settleIfPossible(id)
    var member = try await access.member(caller, of: id, for: .markRead)
    // The caller may have seen more, on another node, than this one has heard of.
    let head = try await log.head(of: id, reaching: seq)
    let reached = min(seq, head.seq)
    if reached > member.readSeq, let entry = try await log.entry(reached, in: id) {
      let changed = try await members.update(
        where: .id(Member.id(id, caller.userID)),
        [.max("readSeq", .integer(reached)), .max("readOrdinal", .integer(entry.ordinal))])
      member = changed ?? member
      await onRead(caller.userID, id, member.readSeq)
    }
    return ReadView(readSeq: member.readSeq, unread: member.unread(headOrdinal: head.ordinal))
  }
}
