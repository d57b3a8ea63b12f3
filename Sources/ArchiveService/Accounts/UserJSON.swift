// Users as the HTTP interface shows them.

import ArchiveCore

/// An account as its owner sees it.
struct OwnUser: Encodable {
  let id: UserID
  let email: String
  let name: String
  let role: Role
  let createdAt: Timestamp

  init(_ user: User) {
    (id, email, name) = (user.id, user.email, user.name)
    (role, createdAt) = (user.role, user.createdAt)
  }
}

/// An account as everybody who is signed in sees it.
struct PublicUser: Encodable {
  let id: UserID
  let name: String

  init(_ user: User) { (id, name) = (user.id, user.name) }
}

/// The answer to a sign-up, a sign-in and a refresh.
struct SignedIn: Encodable {
  let user: OwnUser
  let accessToken: String
  let refreshToken: String
  /// Seconds for which the access token is valid.
  let expiresIn: Int64
}
