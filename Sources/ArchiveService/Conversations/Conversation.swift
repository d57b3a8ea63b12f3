// Where people talk: what is stored of a conversation besides its log.

import ArchiveCore

/// What a conversation is.
enum ConversationKind: String, Sendable, Codable {
  /// Two people, once for each pair.
  case direct
  case group
}

/// A conversation as it is stored. Its entries are in the log, its members in `members`.
struct Conversation: Sendable, StoredDocument {
  /// Members that lists show by name.
  static let shownMembers = 5

  let id: ConversationID
  let kind: ConversationKind
  let title: String?
  /// Both people of a direct conversation in order, so that a pair has only one.
  let pairKey: String?
  let createdAt: Timestamp
  let memberCount: Int64
  /// The first few members, the creator first, so that a list needs no query for each row.
  let firstMembers: [UserID]

  static func pairKey(_ one: UserID, _ other: UserID) -> String {
    "\(min(one, other)):\(max(one, other))"
  }

  static let schema = CollectionSchema(
    "conversations",
    indexes: [CollectionIndex("pairKey", on: [.ascending("pairKey")], kind: .unique)])
}

extension Conversation {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    kind = try document.field("kind") { $0.asText.flatMap(ConversationKind.init) }
    title = try document.optionalField("title", \.asText)
    pairKey = try document.optionalField("pairKey", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    memberCount = try document.field("memberCount", \.asInteger)
    firstMembers = try document.field("firstMembers") { $0.asIDs() }
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "kind": .string(kind.rawValue), "title": title.map { .string($0) },
      "pairKey": pairKey.map { .string($0) }, "createdAt": .time(createdAt),
      "memberCount": .integer(memberCount), "firstMembers": .array(firstMembers.map(\.stored)),
    ])
  }
}
