// Somebody who is signed in changes the password.

import ArchiveCore

/// Changes a password for who knows the old one. All other sessions end, and the owner is told by mail.
struct ChangePassword: Sendable {
  let documents: any DocumentStore
  let passwords: Passwords
  let sessions: Sessions
  let letters: AccountLetters
  let ownership: OwnPassword
  let audit: AuditLog
  let surroundings: Surroundings

  func callAsFunction(_ caller: Caller, old: String, new: String, from origin: RequestOrigin)
    async throws
  {
    var errors = FieldErrors()
    AccountRules.check(password: new, field: "newPassword", &errors)
    try errors.check()
    let user = try await ownership.prove(caller, old, field: "currentPassword", from: origin)
    let hash = try await passwords.hash(new)
    do {
      try await sessions.carryOut(
        steps(user, keeping: caller.sessionID, hash, origin), endingSessionsOf: user.id)
    } catch {
      guard let error = error as? StoreError, error.kind == .conflict else { throw error }
      throw ServiceError(.conflict, "the account has just changed, try again")
    }
  }

  private func steps(
    _ user: User, keeping own: SessionID, _ hash: String, _ origin: RequestOrigin
  ) throws -> [TransactionStep] {
    let now = surroundings.now()
    let event = AuditEvent(
      .passwordChanged, actor: user.id, subject: user.id, session: own, from: origin)
    let ownSession = Filter.and([.id(own.description), .missing("endedAt")])
    return [
      .update(
        Update(User.schema.name, where: user.isUnchanged, User.newPassword(hash)), mustMatch: true),
      .update(
        Update(
          Session.schema.name, where: ownSession, [.set("era", .integer(user.sessionEra + 1))]),
        mustMatch: true),
      .update(
        Session.ending(where: Sessions.all(of: user.id, except: own), at: now), mustMatch: false),
      MailedToken.discarding(.resetPassword, of: user.id, at: now),
      try audit.step(event),
    ] + (try letters.notice(.passwordChanged, to: user))
  }
}

/// Lets somebody who is signed in prove to be the owner: a token alone may be stolen.
struct OwnPassword: Sendable {
  let users: Collection<User>
  let passwords: Passwords
  let delays: SignInDelays

  /// The caller's account, if the password is right. Wrong ones count as failed sign-ins do, so nobody guesses here.
  func prove(_ caller: Caller, _ password: String, field: String, from origin: RequestOrigin)
    async throws -> User
  {
    guard (1...1024).contains(password.utf8.count) else {
      throw ServiceError.field(field, "is not 1 to 1024 bytes long")
    }
    let user = try await users.own(caller)
    let pass = try await delays.before(email: user.email, from: origin)
    let isRight = try await delays.takingBack(pass) {
      try await passwords.matches(password, stored: user.passwordHash)
    }
    guard isRight else {
      try await delays.failed(pass, user: user.id)
      throw ServiceError.field(field, "is wrong")
    }
    try await delays.succeeded(pass)
    return user
  }
}

extension Collection where Value == User {
  /// The caller's own account.
  func own(_ caller: Caller) async throws -> User {
    guard let user = try await find(id: caller.userID.description) else {
      throw ServiceError(.notSignedIn, "the account no longer exists")
    }
    return user
  }
}
