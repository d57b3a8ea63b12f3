// Somebody who forgot the password gets a new one by mail.

import ArchiveCore

/// Sends letters that lead to a new password, and takes back what they carry.
struct ForgottenPassword: Sendable {
  let documents: any DocumentStore
  let passwords: Passwords
  let sessions: Sessions
  let letters: AccountLetters
  let delays: SignInDelays
  let limits: RateLimits
  let audit: AuditLog
  let surroundings: Surroundings

  /// Sends the letter if there is such an account in use. Whether there is, nobody can tell: the answer is the same,
  /// and so are the limits, the reads and the writes.
  func ask(email typed: String, _ standings: RateStandings? = nil) async throws {
    guard let email = EmailAddress(typed) else {
      throw ServiceError.field("email", "does not look like an address")
    }
    try limits.admit(.mail, AccountKey(email: email.text), standings)
    let user = try await Collection(User.self, in: documents)
      .find(where: .equal("emailKey", .string(email.key)), limit: 1).first
    let steps =
      if let user, user.isInUse {
        try letters.passwordReset(for: user)
      } else {
        try letters.nothing(for: email, in: user?.language ?? .en)
      }
    try await documents.transact(steps)
  }

  /// Sets the password. All sessions end, the address counts as confirmed, and the owner is told.
  func reset(token text: String, password: String, from origin: RequestOrigin) async throws {
    var errors = FieldErrors()
    AccountRules.check(password: password, &errors)
    try errors.check()
    let token = try await letters.token(text, for: .resetPassword)
    guard
      let user = try await Collection(User.self, in: documents)
        .find(id: token.userID.description), User.emailKey(user.email) == token.emailKey
    else { throw AccountLetters.invalidToken }
    let hash = try await passwords.hash(password)
    do {
      try await sessions.carryOut(
        steps(token, user, hash, origin), endingSessionsOf: user.id)
    } catch {
      guard let error = error as? StoreError, error.kind == .conflict else { throw error }
      throw AccountLetters.invalidToken
    }
  }

  private func steps(
    _ token: MailedToken, _ user: User, _ hash: String, _ origin: RequestOrigin
  ) throws -> [TransactionStep] {
    let now = surroundings.now()
    var changes = User.newPassword(hash)
    if user.emailConfirmedAt == nil { changes.append(.set("emailConfirmedAt", .time(now))) }
    let event = AuditEvent(.passwordReset, actor: user.id, subject: user.id, from: origin)
    return [
      token.using(at: now),
      .update(Update(User.schema.name, where: user.isUnchanged, changes), mustMatch: true),
      .update(Session.ending(where: Sessions.all(of: user.id), at: now), mustMatch: false),
      MailedToken.discarding(.resetPassword, of: user.id, at: now),
      try audit.step(event),
    ] + (try letters.notice(.passwordChanged, to: user))
      + delays.steps(knowing: origin, of: AccountKey(email: user.email))
  }
}

extension User {
  /// The changes that make it another password, and all sessions of now sessions of the past.
  static func newPassword(_ hash: String) -> [DocumentChange] {
    [.set("passwordHash", .string(hash)), .increment("sessionEra", 1)]
  }
}
