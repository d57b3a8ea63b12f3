// The audit log: what is written to it stays as it is.

import ArchiveCore

/// Appends to the audit log, and reads it. There is no way to change or take back an entry.
struct AuditLog: Sendable {
  /// Which entries are wanted; what is `nil` is not asked for.
  struct Filter: Sendable, Hashable {
    var kinds: [AuditKind] = []
    var actor: UserID?
    var subject: UserID?
    var conversation: ConversationID?
    /// Entries of this moment and later.
    var from: Timestamp?
    /// Entries before this moment.
    var before: Timestamp?
  }

  enum Order: Sendable { case newestFirst, oldestFirst }

  private let documents: any DocumentStore
  private let retention: Duration
  private let surroundings: Surroundings

  init(documents: any DocumentStore, settings: ServiceSettings.Audit, surroundings: Surroundings) {
    (self.documents, self.surroundings) = (documents, surroundings)
    retention = settings.retention
  }

  /// Appends an event; it is durable when this returns.
  func note(_ event: AuditEvent) async throws {
    try await Collection(AuditEntry.self, in: documents).insert(entry(event))
  }

  /// The step that appends an event in the same transaction as what it tells of. For one attempt: a
  /// transaction that is tried again needs a step of its own.
  func step(_ event: AuditEvent) throws -> TransactionStep {
    .insert(try entry(event).document(), into: AuditEntry.schema.name)
  }

  /// At most so many entries behind a place; `nil` begins.
  func entries(_ filter: Filter, _ order: Order, behind place: ULID? = nil, limit: Int) async throws
    -> [AuditEntry]
  {
    let key: SortKey =
      switch order {
      case .newestFirst: .descending("id")
      case .oldestFirst: .ascending("id")
      }
    return try await Collection(AuditEntry.self, in: documents).find(
      where: filter.conditions, sort: [key], limit: limit,
      after: place.map { PageCursor(values: [.string($0.description)]) })
  }

  private func entry(_ event: AuditEvent) -> AuditEntry {
    let now = surroundings.now()
    return AuditEntry(
      id: surroundings.newID(), at: now, event: event, expiresAt: now.advanced(by: retention))
  }
}

extension AuditLog.Filter {
  /// Times are asked of the identifiers, which begin with the time: every index ends with them.
  fileprivate var conditions: ArchiveCore.Filter {
    var all: [ArchiveCore.Filter] = []
    if !kinds.isEmpty { all.append(.oneOf("kind", kinds.map { .string($0.rawValue) })) }
    if let actor { all.append(.equal("actorId", actor.stored)) }
    if let subject { all.append(.equal("subjectId", subject.stored)) }
    if let conversation { all.append(.equal("conversationId", conversation.stored)) }
    if let from { all.append(.greaterOrEqual("id", Self.first(at: from))) }
    if let before { all.append(.less("id", Self.first(at: before))) }
    return all.isEmpty ? .everything : .and(all)
  }

  private static func first(at time: Timestamp) -> DocumentValue {
    .string(ULID(time: time, random: (0, 0)).description)
  }
}
