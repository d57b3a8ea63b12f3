// One thing that somebody may have to answer for, as the audit log keeps it.

import ArchiveCore

/// What happened. The raw values are stored and shown; they never change.
enum AuditKind: String, CaseIterable, Sendable {
  case signedUp, signedIn, signInFailed, signInsDelayed, signedOut
  case sessionRevoked, refreshReused
  case passwordChanged, passwordReset, emailConfirmed
  case userCreated, roleChanged, userDeactivated, userReactivated
  /// Somebody got to read what was not theirs: a conversation by the command line, out of the archive or by
  /// taking it over from a colleague, or the audit log itself.
  case conversationRead, auditExported
  /// An admin looked for conversations of others, or had archives verified; in neither does anybody read what was said.
  case archivesListed, archiveVerified
  case conversationDeleted
  /// Of links to files; `detail` names `linkId` and `fileId`.
  case linkCreated, linkUsed, linkRevoked
  case virusFound
}

/// An entry of the audit log. It holds no message, no password and no token, ever.
struct AuditEvent: Sendable, Hashable {
  let kind: AuditKind
  /// Who did it; `nil` where nobody was signed in.
  var actor: UserID?
  /// To whom it was done, or whose account it concerns.
  var subject: UserID?
  var conversation: ConversationID?
  var session: SessionID?
  var address: IPAddress?
  /// What the client called its device, or its program itself.
  var device: String?
  /// A few words by name, such as `role`; names are those of documents.
  var detail: [String: String]

  init(
    _ kind: AuditKind, actor: UserID? = nil, subject: UserID? = nil,
    conversation: ConversationID? = nil, session: SessionID? = nil,
    from origin: RequestOrigin = .unknown, device: String? = nil, detail: [String: String] = [:]
  ) {
    (self.kind, self.actor, self.subject, self.conversation) = (kind, actor, subject, conversation)
    (self.session, address) = (session, origin.address)
    (self.device, self.detail) = (device ?? origin.userAgent, detail)
  }
}

/// An event as it is stored: with its place in the log and its time.
struct AuditEntry: Sendable, StoredDocument {
  /// Sorts by time; of entries of different nodes as far as their clocks agree.
  let id: ULID
  let at: Timestamp
  let event: AuditEvent
  /// When it is forgotten; see `audit.retention`.
  let expiresAt: Timestamp

  static let schema = CollectionSchema(
    "audit",
    indexes: [
      CollectionIndex("kind", on: [.ascending("kind"), .ascending("id")]),
      CollectionIndex("actor", on: [.ascending("actorId"), .ascending("id")]),
      CollectionIndex("subject", on: [.ascending("subjectId"), .ascending("id")]),
      CollectionIndex("conversation", on: [.ascending("conversationId"), .ascending("id")]),
      CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring),
    ])
}

extension AuditEntry {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asText.flatMap { ULID($0) } }
    at = try document.field("at", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    var event = AuditEvent(try document.field("kind") { $0.asText.flatMap(AuditKind.init) })
    event.actor = try document.optionalField("actorId") { $0.asID() }
    event.subject = try document.optionalField("subjectId") { $0.asID() }
    event.conversation = try document.optionalField("conversationId") { $0.asID() }
    event.session = try document.optionalField("sessionId") { $0.asID() }
    event.address = try document.optionalField("address") { $0.asText.flatMap { IPAddress($0) } }
    event.device = try document.optionalField("device", \.asText)
    event.detail = try document.optionalField("detail", \.asTexts) ?? [:]
    self.event = event
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": .string(id.description), "at": .time(at), "expiresAt": .time(expiresAt),
      "kind": .string(event.kind.rawValue), "actorId": event.actor?.stored,
      "subjectId": event.subject?.stored, "conversationId": event.conversation?.stored,
      "sessionId": event.session?.stored, "address": event.address.map { .string($0.description) },
      "device": event.device.map { .string($0) },
      "detail": event.detail.isEmpty ? nil : .object(event.detail.mapValues { .string($0) }),
    ])
  }
}

extension DocumentValue {
  /// An object of which every value is a text.
  fileprivate var asTexts: [String: String]? {
    guard case .object(let fields) = self else { return nil }
    let texts = fields.compactMapValues(\.asText)
    return texts.count == fields.count ? texts : nil
  }
}
