// Users as the HTTP interface shows them.

import ArchiveCore

/// An account as its owner sees it.
struct OwnUser: Encodable, Sendable {
  let id: UserID
  let email: String
  let name: String
  let role: Role
  let createdAt: Timestamp
  let language: Language
  /// Missing while nobody has shown that the address is theirs.
  let emailConfirmedAt: Timestamp?
  let phone: String?
  let birthDate: String?
  let avatarFileId: FileID?
  let settings: [String: SettingValue]

  init(_ user: User) {
    (id, email, name) = (user.id, user.email, user.name)
    (role, createdAt, language) = (user.role, user.createdAt, user.language)
    emailConfirmedAt = user.emailConfirmedAt
    (phone, birthDate) = (user.profile.phone, user.profile.birthDate)
    (avatarFileId, settings) = (user.profile.avatarFileID, user.profile.settings)
  }
}

/// An account as everybody who is signed in sees it.
struct PublicUser: Encodable, Sendable {
  let id: UserID
  let name: String
  let avatarFileId: FileID?

  init(_ user: User) {
    (id, name, avatarFileId) = (user.id, user.name, user.profile.avatarFileID)
  }
}

/// The answer to a sign-up, a sign-in and a refresh.
struct SignedIn: Encodable, Sendable {
  let user: OwnUser
  let accessToken: String
  let refreshToken: String
  /// Seconds for which the access token is valid.
  let expiresIn: Int64
}
