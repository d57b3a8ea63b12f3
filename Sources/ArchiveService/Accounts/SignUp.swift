// A new customer makes an account.

import ArchiveCore

/// Creates an account with the role `customer` and signs it in.
struct SignUp: Sendable {
  let createUser: CreateUser
  let sessions: Sessions

  func callAsFunction(email: String, name: String, password: String) async throws -> SignedIn {
    let user = try await createUser.create(
      email: email, name: name, password: password, role: .customer)
    return try await sessions.begin(for: user, device: nil)
  }
}
