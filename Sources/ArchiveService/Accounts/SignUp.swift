// A new customer makes an account.

import ArchiveCore

/// Creates an account with the role `customer`, signs it in, and writes to its address to have that confirmed. All in
/// one transaction: there is no account without its letter.
struct SignUp: Sendable {
  let createUser: CreateUser
  let sessions: Sessions
  let letters: AccountLetters
  let delays: SignInDelays

  func callAsFunction(_ input: CreateUser.Input, from origin: RequestOrigin) async throws
    -> SignedIn
  {
    let user = try await createUser.prepare(input, role: .customer)
    let session = try sessions.beginning(for: user, device: nil, from: origin, as: .signedUp)
    let known = delays.steps(knowing: origin, of: AccountKey(email: user.email))
    try await createUser.insert(
      user, with: session.steps + (try letters.confirmation(for: user)) + known)
    return try await sessions.signedIn(user, session)
  }
}
