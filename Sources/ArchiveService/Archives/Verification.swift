// A verification that an admin asked for, as it is stored: how far it is, and what it found.

import ArchiveCore

enum VerificationSubject: Sendable {}
typealias VerificationID = Identifier<VerificationSubject>

/// One verification. The node that took it says in it how far it is; every node can show it.
struct Verification: Codable, Hashable, Sendable, StoredDocument {
  enum State: String, Codable, Sendable, CaseIterable {
    case waiting, running
    /// It looked at everything; `found` says what it found.
    case done
    /// It could not look at everything; `reason` says why.
    case failed
    case cancelled
    /// Its node is gone. Never stored: whoever looks sees that nothing was heard of it.
    case interrupted

    static let unfinished: [State] = [.waiting, .running]
  }

  /// What was found, with at most so many problems as are kept.
  struct Found: Codable, Hashable, Sendable {
    let conversations: Int
    let archivedEntries: Int
    let bufferedEntries: Int
    let segments: Int
    let objects: Int
    let snapshots: Int
    /// Objects that nothing refers to; no damage.
    let orphans: Int
    let problemCount: Int
    let problems: [ArchiveProblem]

    init(_ report: VerificationReport, problemLimit: Int) {
      (conversations, archivedEntries) = (report.conversations, report.archivedEntries)
      (bufferedEntries, segments) = (report.bufferedEntries, report.segments)
      (objects, snapshots, orphans) = (report.objects, report.snapshots, report.orphans.count)
      (problemCount, problems) = (
        report.problems.count, Array(report.problems.prefix(problemLimit))
      )
    }
  }

  let id: VerificationID
  /// `nil`: everything.
  let conversationId: ConversationID?
  let startedBy: UserID
  let createdAt: Timestamp
  var state: State
  /// Segments that were looked at, of how many.
  var done: Int
  let total: Int
  /// When its node last said how far it is.
  var seenAt: Timestamp
  var finishedAt: Timestamp?
  var found: Found?
  var reason: String?
  let expiresAt: Timestamp

  static let schema = CollectionSchema(
    "verifications",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])

  /// The very verification, unless it is over.
  static func unfinished(_ id: VerificationID) -> Filter {
    .and([.id(id.description), .oneOf("state", State.unfinished.map { .string($0.rawValue) })])
  }
}

/// A verification as admins see it.
struct VerificationView: Encodable {
  let id: VerificationID
  let conversationId: ConversationID?
  let startedBy: UserID
  let createdAt: Timestamp
  let state: Verification.State
  let done: Int
  let total: Int
  let finishedAt: Timestamp?
  let found: Verification.Found?
  let reason: String?

  init(_ verification: Verification, now: Timestamp, silence: Duration) {
    (id, conversationId) = (verification.id, verification.conversationId)
    (startedBy, createdAt) = (verification.startedBy, verification.createdAt)
    // What changed meanwhile may have been looked at twice.
    (done, total) = (min(verification.done, verification.total), verification.total)
    (finishedAt, found, reason) = (
      verification.finishedAt, verification.found, verification.reason
    )
    let isSilent = verification.seenAt.advanced(by: silence) < now
    state =
      Verification.State.unfinished.contains(verification.state) && isSilent
      ? .interrupted : verification.state
  }
}
