// Somebody signs in by email and password.

import ArchiveCore

/// Checks a password and begins a session.
///
/// An unknown address and a wrong password cannot be told apart: same answer, same work.
struct SignIn: Sendable {
  let users: Collection<User>
  let passwords: Passwords
  let sessions: Sessions

  func callAsFunction(email: String, password: String, device: String?) async throws -> SignedIn {
    var errors = FieldErrors()
    errors.require(email.utf8.count <= 1024, "email", "is too long")
    errors.require(
      (1...1024).contains(password.utf8.count), "password", "is not 1 to 1024 bytes long")
    AccountRules.check(device: device, &errors)
    try errors.check()
    let key = User.emailKey(AccountRules.trimmed(email))
    let user = try await users.find(where: .equal("emailKey", .string(key)), limit: 1).first
    let isRight = try await passwords.matches(password, stored: user?.passwordHash)
    guard let user, isRight else {
      throw ServiceError(.notSignedIn, "email or password is wrong")
    }
    return try await sessions.begin(for: user, device: device)
  }
}
