// An admin has the archive verified, looks how far that is, and calls it off.

import ArchiveCore

/// Begins, shows and ends verifications.
struct VerifyArchives: Sendable {
  let documents: any DocumentStore
  let log: ConversationLog
  let audit: AuditLog
  let work: VerificationWork
  let settings: ServiceSettings.Archives
  let surroundings: Surroundings

  private var verifications: Collection<Verification> { Collection(in: documents) }

  /// Without a conversation everything is verified.
  struct Input: Decodable { let conversationId: String? }

  func begin(_ caller: Caller, _ input: Input, from origin: RequestOrigin) async throws
    -> VerificationView
  {
    try caller.requireAdmin()
    let conversation = try await conversation(input.conversationId)
    let now = surroundings.now()
    let verification = Verification(
      id: VerificationID(surroundings.newID()), conversationId: conversation,
      startedBy: caller.userID, createdAt: now, state: .waiting, done: 0,
      total: try await log.catalog.segmentCount(of: conversation), seenAt: now,
      expiresAt: now.advanced(by: settings.verificationMemory))
    let event = AuditEvent(
      .archiveVerified, actor: caller.userID, conversation: conversation,
      session: caller.sessionID, from: origin,
      detail: ["verificationId": verification.id.description])
    try await work.add(verification, try audit.step(event))
    return view(of: verification)
  }

  func list(_ caller: Caller, limit: Int, cursor: String?) async throws
    -> PageView<VerificationView>
  {
    try caller.requireAdmin()
    let place = try cursor.map { text in
      guard let id = CursorText.content(of: text).flatMap({ VerificationID($0) }) else {
        throw ServiceError.invalidCursor
      }
      return PageCursor(values: [id.stored])
    }
    let found = try await verifications.find(
      sort: [.descending("id")], limit: limit + 1, after: place)
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: page.items.map(view(of:)), next: page.next { CursorText.text($0.id.description) })
  }

  func show(_ caller: Caller, _ id: VerificationID?) async throws -> VerificationView {
    try caller.requireAdmin()
    guard let id, let found = try await verifications.find(id: id.description) else {
      throw Self.noSuchVerification
    }
    return view(of: found)
  }

  /// Calls it off, wherever it is carried out. One that is over stays as it is.
  func cancel(_ caller: Caller, _ id: VerificationID?) async throws {
    _ = try await show(caller, id)
    guard let id else { return }
    try await verifications.update(
      where: Verification.unfinished(id),
      [
        .set("state", .string(Verification.State.cancelled.rawValue)),
        .set("finishedAt", .time(surroundings.now())),
      ])
  }

  private static let noSuchVerification = ServiceError(.notFound, "no such verification")

  private func view(of verification: Verification) -> VerificationView {
    VerificationView(
      verification, now: surroundings.now(), silence: settings.verificationSilence)
  }

  private func conversation(_ text: String?) async throws -> ConversationID? {
    guard let text else { return nil }
    guard let id = ConversationID(text) else {
      throw ServiceError.field("conversationId", "is not an id")
    }
    let isKnown =
      try await Collection(Conversation.self, in: documents).find(id: id.description) != nil
    guard isKnown else { throw ServiceError.noSuchConversation }
    return id
  }
}
