// Somebody signs in by email and password.

import ArchiveCore

/// Checks a password and begins a session.
///
/// An unknown address and a wrong password cannot be told apart: same answer, same work. That an account is out of use
/// only hears who knows its password.
struct SignIn: Sendable {
  let users: Collection<User>
  let passwords: Passwords
  let sessions: Sessions
  let delays: SignInDelays
  let limits: RateLimits
  let audit: AuditLog

  /// What somebody shows.
  struct Attempt: Sendable {
    let email: String
    let password: String
    let device: String?
    let origin: RequestOrigin
  }

  func callAsFunction(_ attempt: Attempt) async throws -> SignedIn {
    try check(attempt)
    let pass = try await delays.before(email: attempt.email, from: attempt.origin)
    let key = User.emailKey(attempt.email)
    let user = try await users.find(where: .equal("emailKey", .string(key)), limit: 1).first
    let isRight = try await delays.takingBack(pass) {
      try await passwords.matches(attempt.password, stored: user?.passwordHash)
    }
    guard let user, isRight else {
      try await delays.failed(pass, user: user?.id)
      try await note(attempt, user)
      throw ServiceError(.notSignedIn, "email or password is wrong")
    }
    try await delays.takingBack(pass) { try await admit(attempt, user) }
    return try await sessions.begin(
      for: user, device: attempt.device, from: attempt.origin,
      with: renewal(attempt, user) + delays.steps(succeeding: pass))
  }

  /// What may still keep out who knows the password. It says nothing new to who does not, and no failure of others is
  /// forgotten by it.
  private func admit(_ attempt: Attempt, _ user: User) async throws {
    try limits.admit(.signIn, AccountKey(user.id))
    guard user.isInUse else {
      try await note(attempt, user)
      throw ServiceError(.forbidden, "this account is out of use")
    }
  }

  /// A hash of today's cost in place of an older one: unknown accounts are hashed at that cost, and must not be told
  /// from known ones by the time it takes.
  private func renewal(_ attempt: Attempt, _ user: User) async throws -> [TransactionStep] {
    guard
      let hash = try await passwords.renewed(attempt.password, stored: user.passwordHash)
    else { return [] }
    let change = Update(
      User.schema.name, where: user.isUnchanged, [.set("passwordHash", .string(hash))])
    return [.update(change, mustMatch: true)]
  }

  private func check(_ attempt: Attempt) throws {
    var errors = FieldErrors()
    errors.require(attempt.email.utf8.count <= 1024, "email", "is too long")
    errors.require(
      (1...1024).contains(attempt.password.utf8.count), "password", "is not 1 to 1024 bytes long")
    AccountRules.check(device: attempt.device, &errors)
    try errors.check()
  }

  private func note(_ attempt: Attempt, _ user: User?) async throws {
    try await audit.note(
      AuditEvent(.signInFailed, subject: user?.id, from: attempt.origin, device: attempt.device))
  }
}
