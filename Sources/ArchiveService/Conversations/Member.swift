// That a user belongs to a conversation, and how far the user has read.

import ArchiveCore

/// What a member may do besides talking.
enum MemberRole: String, Sendable, Codable {
  case owner, member
}

/// One user's place in one conversation; its identifier is `<conversation>/<user>`.
struct Member: Sendable, StoredDocument {
  let conversationID: ConversationID
  let userID: UserID
  let role: MemberRole
  let joinedAt: Timestamp
  /// The newest seq the user has read, and how many messages there were up to it. Both only rise.
  let readSeq: Int64
  let readOrdinal: Int64
  /// When the conversation was last active, and how many messages it had then. The order of the
  /// user's list; written by `ActivityRecorder` some seconds late.
  let activityAt: Timestamp
  let activityOrdinal: Int64

  static func id(_ conversation: ConversationID, _ user: UserID) -> String {
    "\(conversation)/\(user)"
  }

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
  /// A member who has just come, with nothing read.
  init(_ userID: UserID, of conversation: ConversationID, role: MemberRole, at time: Timestamp) {
    self.init(
      conversationID: conversation, userID: userID, role: role, joinedAt: time, readSeq: 0,
      readOrdinal: 0, activityAt: time, activityOrdinal: 0)
  }

  init(document: Document) throws(StoreError) {
    conversationID = try document.field("conversationId") { $0.asID() }
    userID = try document.field("userId") { $0.asID() }
    role = try document.field("role") { $0.asText.flatMap(MemberRole.init) }
    joinedAt = try document.field("joinedAt", \.asTime)
    readSeq = try document.field("readSeq", \.asInteger)
    readOrdinal = try document.field("readOrdinal", \.asInteger)
    activityAt = try document.field("activityAt", \.asTime)
    activityOrdinal = try document.field("activityOrdinal", \.asInteger)
  }

  func document() throws(StoreError) -> Document {
    Document([
      "id": .string(Self.id(conversationID, userID)), "conversationId": conversationID.stored,
      "userId": userID.stored, "role": .string(role.rawValue), "joinedAt": .time(joinedAt),
      "readSeq": .integer(readSeq), "readOrdinal": .integer(readOrdinal),
      "activityAt": .time(activityAt), "activityOrdinal": .integer(activityOrdinal),
    ])
  }
}
