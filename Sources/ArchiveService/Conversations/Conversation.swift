// Where people talk: what is stored of a conversation besides its log.

import ArchiveCore

/// What a conversation is.
enum ConversationKind: String, Sendable, Codable, CaseIterable {
  /// Two people, once for each pair.
  case direct
  case group
  /// Somebody asks the staff; one of them has it in charge.
  case support
  /// About one order; made by the order, never by hand.
  case order

  /// What people may open.
  static let openable: [ConversationKind] = [.direct, .group, .support]
}

/// A conversation as it is stored. Its entries are in the log, its members in `members`.
///
/// Everything that changes it goes through `ConversationChanges`, so documents and log never disagree.
struct Conversation: Sendable, StoredDocument {
  /// Members that lists show by name.
  static let shownMembers = 5

  let id: ConversationID
  let kind: ConversationKind
  var title: String?
  var description: String?
  /// Both people of a direct conversation in order, so that a pair has only one.
  let pairKey: String?
  let createdAt: Timestamp
  var memberCount: Int64
  /// The first few members, the creator first, so that a list needs no query for each row.
  var firstMembers: [UserID]
  /// Rises with every change of the conversation or its members; two changes at once cannot both take the same step.
  var revision: Int64 = 0
  /// Of a support conversation.
  var support: SupportState?
  /// A deleted conversation has no members. Its entries stay in the archive.
  var deletedAt: Timestamp?

  static func pairKey(_ one: UserID, _ other: UserID) -> String {
    "\(min(one, other)):\(max(one, other))"
  }

  static let schema = CollectionSchema(
    "conversations",
    indexes: [
      CollectionIndex("pairKey", on: [.ascending("pairKey")], kind: .unique),
      CollectionIndex(
        "support", on: [.ascending("support.status"), .ascending("support.since")]),
      CollectionIndex(
        "requests", on: [.ascending("support.customerId"), .ascending("support.status")]),
    ])
}

/// Who has a support conversation in charge, and since when it is as it is.
struct SupportState: Sendable, Hashable {
  enum Status: String, Sendable, Codable, CaseIterable {
    /// In the queue of the staff.
    case waiting
    /// An agent has it in charge.
    case taken
    /// Done; the next message opens it again.
    case closed
  }

  var status: Status
  var since: Timestamp
  let customerID: UserID
  /// Who has it in charge, or had when it was closed.
  var agentID: UserID?
}

extension Conversation {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    kind = try document.field("kind") { $0.asText.flatMap(ConversationKind.init) }
    title = try document.optionalField("title", \.asText)
    description = try document.optionalField("description", \.asText)
    pairKey = try document.optionalField("pairKey", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    memberCount = try document.field("memberCount", \.asInteger)
    firstMembers = try document.field("firstMembers") { $0.asIDs() }
    // Those of the first version have never been changed.
    revision = try document.optionalField("revision", \.asInteger) ?? 0
    support = try document.optionalField("support") { SupportState($0) }
    deletedAt = try document.optionalField("deletedAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "kind": .string(kind.rawValue), "title": title.map { .string($0) },
      "description": description.map { .string($0) }, "pairKey": pairKey.map { .string($0) },
      "createdAt": .time(createdAt), "memberCount": .integer(memberCount),
      "firstMembers": .array(firstMembers.map(\.stored)), "revision": .integer(revision),
      "support": support?.stored, "deletedAt": deletedAt.map { .time($0) },
    ])
  }

  /// What makes the document of `before` that of this one.
  func changes(since before: Conversation) throws(StoreError) -> [DocumentChange] {
    let (old, new) = (try before.document().fields, try document().fields)
    var changes: [DocumentChange] = []
    for name in Set(old.keys).union(new.keys).sorted() where old[name] != new[name] {
      guard let path = FieldPath(name) else { continue }
      changes.append(new[name].map { .set(path, $0) } ?? .unset(path))
    }
    return changes
  }

  /// The very document that was read, unchanged since.
  var isUnchanged: Filter {
    let isSame = Filter.equal("revision", .integer(revision))
    return .and([
      .id(id.description), revision == 0 ? .or([isSame, .missing("revision")]) : isSame,
    ])
  }
}

extension SupportState {
  init?(_ value: DocumentValue) {
    guard case .object(let fields) = value,
      let status = fields["status"]?.asText.flatMap(Status.init),
      let since = fields["since"]?.asTime, let customer: UserID = fields["customerId"]?.asID()
    else { return nil }
    self.init(
      status: status, since: since, customerID: customer, agentID: fields["agentId"]?.asID())
  }

  var stored: DocumentValue {
    let fields: [String: DocumentValue?] = [
      "status": .string(status.rawValue), "since": .time(since), "customerId": customerID.stored,
      "agentId": agentID?.stored,
    ]
    return .object(fields.compactMapValues { $0 })
  }
}
