// Who sends a request: from the access token to a session that still exists.

import ArchiveCore
import Synchronization

/// The signed-in sender of a request.
struct Caller: Sendable, Hashable {
  let userID: UserID
  let sessionID: SessionID
  /// As it is now, not as it was when the token was signed.
  let role: Role
}

/// Finds the caller of a request, with a short memory of sessions that were seen alive.
///
/// So an ended session's access token is refused after `sessionCacheLifetime` at the latest, on
/// the node that ended it at once; and a changed role counts as soon.
final class Callers: Sendable {
  private struct Seen {
    let caller: Caller
    let until: Duration
  }

  private let tokens: AccessTokens
  private let sessions: Collection<Session>
  private let users: Collection<User>
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings
  private let seen = Mutex<[SessionID: Seen]>([:])

  init(
    tokens: AccessTokens, documents: any DocumentStore, settings: ServiceSettings.Auth,
    surroundings: Surroundings
  ) {
    self.tokens = tokens
    sessions = Collection(in: documents)
    users = Collection(in: documents)
    self.settings = settings
    self.surroundings = surroundings
  }

  /// The caller whose access token this is; throws `notSignedIn` for anything else.
  func caller(token: String) async throws -> Caller {
    guard let claims = await tokens.claims(of: token) else { throw Self.invalidToken }
    let started = surroundings.uptime()
    if let seen = seen.withLock({ $0[claims.sid] }), seen.until > started {
      guard seen.caller.userID == claims.sub else { throw Self.invalidToken }
      return seen.caller
    }
    let caller = try await load(claims)
    remember(caller, since: started)
    return caller
  }

  /// Forgets a session that has ended.
  func forget(_ session: SessionID) {
    seen.withLock { $0[session] = nil }
  }

  private func load(_ claims: AccessClaims) async throws -> Caller {
    guard let session = try await sessions.find(id: claims.sid.description),
      session.userID == claims.sub, session.expiresAt > surroundings.now(),
      let user = try await users.find(id: claims.sub.description)
    else { throw Self.invalidToken }
    return Caller(userID: user.id, sessionID: session.id, role: user.role)
  }

  private func remember(_ caller: Caller, since started: Duration) {
    let seen = Seen(caller: caller, until: started + settings.sessionCacheLifetime)
    self.seen.withLock { all in
      if all.count >= settings.sessionCacheLimit {
        all = all.filter { $0.value.until > started }
        if all.count >= settings.sessionCacheLimit { all.removeAll() }
      }
      all[caller.sessionID] = seen
    }
  }

  private static let invalidToken = ServiceError(.notSignedIn, "the access token is not valid")
}
