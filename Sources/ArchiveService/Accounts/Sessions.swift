// Begins, renews and ends sessions.

import ArchiveCore

/// Keeps the sessions of all users; the only place that makes tokens for clients.
struct Sessions: Sendable {
  private let sessions: Collection<Session>
  private let users: Collection<User>
  private let tokens: AccessTokens
  private let callers: Callers
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, tokens: AccessTokens, callers: Callers,
    settings: ServiceSettings.Auth, surroundings: Surroundings
  ) {
    sessions = Collection(in: documents)
    users = Collection(in: documents)
    (self.tokens, self.callers) = (tokens, callers)
    (self.settings, self.surroundings) = (settings, surroundings)
  }

  /// Signs a user in on one more device.
  func begin(for user: User, device: String?) async throws -> SignedIn {
    let id = SessionID(surroundings.newID())
    let refresh = RefreshToken(for: id, surroundings: surroundings)
    let now = surroundings.now()
    try await sessions.insert(
      Session(
        id: id, userID: user.id, device: device, createdAt: now, lastSeenAt: now,
        expiresAt: now.advanced(by: settings.refreshTokenLifetime), refreshHash: refresh.hash,
        previousHash: nil))
    return try await signedIn(user, refresh)
  }

  /// Exchanges a refresh token for new tokens.
  ///
  /// A token that was exchanged before ends its session: somebody has a copy. Of two exchanges at
  /// once exactly one wins, by a conditional update. The other is refused; it ends the session only
  /// when it begins after the winner's write, because only then it is a reuse.
  func renew(_ text: String) async throws -> SignedIn {
    guard let old = RefreshToken(text),
      let session = try await sessions.find(id: old.sessionID.description),
      session.expiresAt > surroundings.now()
    else { throw Self.invalidToken }
    guard session.refreshHash == old.hash else {
      if session.previousHash == old.hash { try await end(session.id) }
      throw Self.invalidToken
    }
    guard let user = try await users.find(id: session.userID.description) else {
      throw Self.invalidToken
    }
    let new = RefreshToken(for: session.id, surroundings: surroundings)
    guard try await exchange(old, for: new) else { throw Self.invalidToken }
    return try await signedIn(user, new)
  }

  func end(_ session: SessionID) async throws {
    defer { callers.forget(session) }
    try await sessions.delete(where: .id(session.description))
  }

  private func exchange(_ old: RefreshToken, for new: RefreshToken) async throws -> Bool {
    let now = surroundings.now()
    let changed = try await sessions.update(
      where: .and([
        .id(old.sessionID.description), .equal("refreshHash", .string(old.hash)),
      ]),
      [
        .set("refreshHash", .string(new.hash)), .set("previousHash", .string(old.hash)),
        .set("lastSeenAt", .time(now)),
        .set("expiresAt", .time(now.advanced(by: settings.refreshTokenLifetime))),
      ])
    return changed != nil
  }

  private func signedIn(_ user: User, _ refresh: RefreshToken) async throws -> SignedIn {
    SignedIn(
      user: OwnUser(user),
      accessToken: try await tokens.make(for: user, session: refresh.sessionID),
      refreshToken: refresh.text, expiresIn: tokens.lifetimeSeconds)
  }

  private static let invalidToken = ServiceError(.notSignedIn, "the refresh token is not valid")
}
