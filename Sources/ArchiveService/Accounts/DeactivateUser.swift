// An account goes out of use: by its owner, or by an admin, who can also take it back into use.

import ArchiveCore

/// Puts accounts out of use and back. Nobody signs in to an account out of use, and its sessions are over; what its
/// owner wrote stays.
struct DeactivateUser: Sendable {
  let documents: any DocumentStore
  let sessions: Sessions
  let letters: AccountLetters
  let ownership: OwnPassword
  let audit: AuditLog
  let surroundings: Surroundings

  /// One's own account, with the password as proof.
  func own(_ caller: Caller, password: String, from origin: RequestOrigin) async throws {
    let user = try await ownership.prove(caller, password, field: "password", from: origin)
    try await deactivate(user, by: caller, from: origin)
  }

  /// Any account that is in use.
  func deactivate(_ user: User, by caller: Caller, from origin: RequestOrigin) async throws {
    let now = surroundings.now()
    let event = AuditEvent(
      .userDeactivated, actor: caller.userID, subject: user.id, session: caller.sessionID,
      from: origin)
    let change = Update(
      User.schema.name, where: user.isUnchanged,
      [.set("deactivatedAt", .time(now)), .increment("sessionEra", 1)])
    let steps: [TransactionStep] =
      LastAdmin.steps(without: user) + [
        .update(change, mustMatch: true),
        .update(Session.ending(where: Sessions.all(of: user.id), at: now), mustMatch: false),
        MailedToken.discarding(.resetPassword, of: user.id, at: now),
        try audit.step(event),
      ] + (try letters.notice(.accountDeactivated, to: user))
    try await LastAdmin.explaining(user) {
      try await sessions.carryOut(
        steps, endingSessionsOf: user.id)
    }
  }

  /// Takes an account back into use; its owner signs in again.
  func reactivate(_ user: User, by caller: Caller, from origin: RequestOrigin) async throws {
    let event = AuditEvent(
      .userReactivated, actor: caller.userID, subject: user.id, session: caller.sessionID,
      from: origin)
    try await documents.transact([
      .update(
        Update(User.schema.name, where: .id(user.id.description), [.unset("deactivatedAt")]),
        mustMatch: true),
      try audit.step(event),
    ])
  }
}

/// There is always an admin in use who can put right what another did.
enum LastAdmin {
  /// What fails a transaction that would leave no admin; nothing for other users.
  ///
  /// It writes to another admin: so of two admins who remove each other at the same moment one fails, also on an
  /// engine whose transactions do not see what others are about to do.
  static func steps(without user: User) -> [TransactionStep] {
    guard user.role == .admin else { return [] }
    let others = Filter.and([
      .equal("role", .string(Role.admin.rawValue)), .missing("deactivatedAt"),
      .not(.id(user.id.description)),
    ])
    return [
      .update(
        Update(User.schema.name, where: others, [.increment("guarded", 1)]), mustMatch: true)
    ]
  }

  /// Says in a person's words why such a transaction failed.
  static func explaining(_ user: User, _ act: () async throws -> Void) async throws {
    do {
      try await act()
    } catch {
      guard let error = error as? StoreError, error.kind == .conflict else { throw error }
      throw ServiceError(
        .conflict,
        user.role == .admin
          ? "there would be no administrator left, or the account has just changed"
          : "the account has just changed, try again")
    }
  }
}
