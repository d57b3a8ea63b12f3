// That a user belongs to a conversation, and how far the user has read.

import ArchiveCore

/// What a member may do besides talking.
enum MemberRole: String, Sendable, Codable, CaseIterable {
  /// Of a group: one, always.
  case owner
  /// Administers a group, or has a support conversation in charge.
  case admin
  case member
}

/// What a new member may read of what was said before.
enum SharedHistory: String, Sendable, Codable, CaseIterable { case all, none }

/// One user's place in one conversation; its identifier is `<conversation>/<user>`.
struct Member: Sendable, StoredDocument {
  let conversationID: ConversationID
  let userID: UserID
  /// What the conversation is; `nil` in documents of the first version, which knew no support.
  let kind: ConversationKind?
  var role: MemberRole
  let joinedAt: Timestamp
  /// The newest seq the user has read, and how many messages there were up to it. Both only rise.
  let readSeq: Int64
  let readOrdinal: Int64
  /// When the conversation was last active, and how many messages it had then. The order of the
  /// user's list; written by `ActivityRecorder` some seconds late.
  let activityAt: Timestamp
  let activityOrdinal: Int64
  /// Entries up to this one are not for this member: those before a joining without history, or before the user
  /// deleted the conversation from the own list.
  let hiddenSeq: Int64
  /// Since when the conversation is not in the user's list; the next message puts it back.
  let hiddenAt: Timestamp?

  static func id(_ conversation: ConversationID, _ user: UserID) -> String {
    "\(conversation)/\(user)"
  }

  var id: String { Self.id(conversationID, userID) }

  /// How many messages the member has not read when the newest has this ordinal.
  func unread(headOrdinal: Int64) -> Int64 { max(0, headOrdinal - max(0, readOrdinal)) }

  static let schema = CollectionSchema(
    "members",
    indexes: [
      CollectionIndex("list", on: [.ascending("userId"), .descending("activityAt")]),
      CollectionIndex("conversation", on: [.ascending("conversationId")]),
    ])
}

extension Member {
  /// A member who has just come. Up to `read` there is nothing unread; up to `hiddenSeq` nothing is shown.
  init(
    _ userID: UserID, of conversation: ConversationID, _ kind: ConversationKind,
    role: MemberRole, at time: Timestamp, read: LogHead = LogHead(seq: 0, ordinal: 0),
    hiddenSeq: Int64 = 0
  ) {
    self.init(
      conversationID: conversation, userID: userID, kind: kind, role: role, joinedAt: time,
      readSeq: read.seq, readOrdinal: read.ordinal, activityAt: time, activityOrdinal: read.ordinal,
      hiddenSeq: hiddenSeq, hiddenAt: nil)
  }

  init(document: Document) throws(StoreError) {
    conversationID = try document.field("conversationId") { $0.asID() }
    userID = try document.field("userId") { $0.asID() }
    kind = try document.optionalField("kind") { $0.asText.flatMap(ConversationKind.init) }
    role = try document.field("role") { $0.asText.flatMap(MemberRole.init) }
    joinedAt = try document.field("joinedAt", \.asTime)
    readSeq = try document.field("readSeq", \.asInteger)
    readOrdinal = try document.field("readOrdinal", \.asInteger)
    activityAt = try document.field("activityAt", \.asTime)
    activityOrdinal = try document.field("activityOrdinal", \.asInteger)
    hiddenSeq = try document.optionalField("hiddenSeq", \.asInteger) ?? 0
    hiddenAt = try document.optionalField("hiddenAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": .string(id), "conversationId": conversationID.stored, "userId": userID.stored,
      "kind": kind.map { .string($0.rawValue) }, "role": .string(role.rawValue),
      "joinedAt": .time(joinedAt), "readSeq": .integer(readSeq),
      "readOrdinal": .integer(readOrdinal), "activityAt": .time(activityAt),
      "activityOrdinal": .integer(activityOrdinal),
      "hiddenSeq": hiddenSeq == 0 ? nil : .integer(hiddenSeq),
      "hiddenAt": hiddenAt.map { .time($0) },
    ])
  }
}
