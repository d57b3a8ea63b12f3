// Somebody shows that the address is theirs.

import ArchiveCore

/// Sends letters of confirmation, and takes back what they carry.
struct ConfirmEmail: Sendable {
  let documents: any DocumentStore
  let letters: AccountLetters
  let audit: AuditLog
  let surroundings: Surroundings

  /// Confirms the address to which the token was sent, unless the account has another one by now.
  func callAsFunction(token text: String, from origin: RequestOrigin) async throws {
    let token = try await letters.token(text, for: .confirmEmail)
    let now = surroundings.now()
    let owner = Filter.and([
      .id(token.userID.description), .equal("emailKey", .string(token.emailKey)),
      .missing("deactivatedAt"),
    ])
    let event = AuditEvent(
      .emailConfirmed, actor: token.userID, subject: token.userID, from: origin)
    do {
      try await documents.transact([
        token.using(at: now),
        .update(
          Update(User.schema.name, where: owner, [.set("emailConfirmedAt", .time(now))]),
          mustMatch: true),
        try audit.step(event),
      ])
    } catch {
      guard let error = error as? StoreError, error.kind == .conflict else { throw error }
      throw AccountLetters.invalidToken
    }
  }

  /// Sends the letter again; the links of those before it stay good.
  func resend(_ caller: Caller) async throws {
    let user = try await Collection(User.self, in: documents).own(caller)
    guard user.emailConfirmedAt == nil else {
      throw ServiceError(.conflict, "the address is confirmed already")
    }
    try await documents.transact(try letters.confirmation(for: user))
  }
}
