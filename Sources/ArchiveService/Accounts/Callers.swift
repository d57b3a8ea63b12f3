// Who sends a request: from the access token to a session that still exists.

import ArchiveCore
import Synchronization

/// The signed-in sender of a request.
struct Caller: Sendable, Hashable {
  let userID: UserID
  let sessionID: SessionID
  /// As it is now, not as it was when the token was signed.
  let role: Role

  /// Throws `forbidden` for everybody else.
  func requireAdmin() throws {
    guard role == .admin else { throw ServiceError(.forbidden, "only for administrators") }
  }
}

/// Finds the caller of a request, with a short memory of sessions that were seen alive.
///
/// What ends is forgotten at once on the node where it ends, and on the others as soon as they hear of it
/// (`AccountFollower`). Whatever they hear: nothing is remembered for longer than `sessionCacheLifetime` behind the
/// reading, so an ended session's access token is refused after that second at the latest, and a changed role counts.
final class Callers: Sendable {
  private struct Seen {
    let caller: Caller
    let until: Duration
  }

  private struct Memory {
    var seen: [SessionID: Seen] = [:]
    /// What is over is looked for when this many are remembered, and again when what was left has doubled.
    var tidyAt = Callers.leastTidied
    /// Rises when something is forgotten: what was read before is not remembered after it.
    var era = 0
  }

  private let tokens: AccessTokens
  private let documents: any DocumentStore
  private let presence: SessionPresence
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings
  private let memory = Mutex(Memory())

  init(
    tokens: AccessTokens, documents: any DocumentStore, presence: SessionPresence,
    settings: ServiceSettings.Auth, surroundings: Surroundings
  ) {
    (self.tokens, self.presence) = (tokens, presence)
    self.documents = documents
    self.settings = settings
    self.surroundings = surroundings
  }

  /// The caller whose access token this is; throws `notSignedIn` for anything else.
  func caller(token: String) async throws -> Caller {
    try await admitted(token: token).caller
  }

  /// The same, and when the token is over.
  func admitted(token: String) async throws -> (caller: Caller, expiry: Timestamp) {
    guard let claims = await tokens.claims(of: token) else { throw Self.invalidToken }
    let caller = try await caller(session: claims.sid, of: claims.sub)
    // A valid token ends within a year or so, see `AccessTokens`.
    return (caller, Timestamp(milliseconds: claims.exp * 1000))
  }

  /// The caller of a session that somebody holds something open for; throws `notSignedIn` where it is over.
  func caller(session: SessionID, of user: UserID) async throws -> Caller {
    let started = surroundings.uptime()
    let (seen, era) = memory.withLock { ($0.seen[session], $0.era) }
    if let seen, seen.until > started {
      guard seen.caller.userID == user else { throw Self.invalidToken }
      presence.note(session)
      return seen.caller
    }
    let caller = try await load(session, of: user)
    remember(caller, since: started, era)
    presence.note(session)
    return caller
  }

  /// The caller as it is at this moment, for what goes on for long; throws `notSignedIn` where the session is over.
  func again(_ caller: Caller) async throws -> Caller {
    try await load(caller.sessionID, of: caller.userID)
  }

  /// Forgets a session that has ended.
  func forget(_ session: SessionID) {
    memory.withLock { memory in
      memory.seen[session] = nil
      memory.era &+= 1
    }
  }

  /// Forgets the sessions of a user who has changed.
  func forget(_ user: UserID) {
    memory.withLock { memory in
      memory.seen = memory.seen.filter { $0.value.caller.userID != user }
      memory.era &+= 1
    }
  }

  /// Forgets everything.
  func forgetAll() {
    memory.withLock { memory in
      memory.seen.removeAll()
      memory.era &+= 1
    }
  }

  private func load(_ session: SessionID, of user: UserID) async throws -> Caller {
    let found = try await documents.find([
      Query(Session.schema.name, where: .id(session.description), limit: 1),
      Query(User.schema.name, where: .id(user.description), limit: 1),
    ])
    guard found.count == 2, let session = try found[0].first.map(Session.init(document:)),
      let user = try found[1].first.map(User.init(document:)),
      session.isLive(of: user, at: surroundings.now())
    else { throw Self.invalidToken }
    return Caller(userID: user.id, sessionID: session.id, role: user.role)
  }

  private func remember(_ caller: Caller, since started: Duration, _ era: Int) {
    let seen = Seen(caller: caller, until: started + settings.sessionCacheLifetime)
    memory.withLock { memory in
      guard memory.era == era else { return }
      if memory.seen.count >= min(memory.tidyAt, settings.sessionCacheLimit) {
        memory.seen = memory.seen.filter { $0.value.until > started }
        if memory.seen.count >= settings.sessionCacheLimit { memory.seen.removeAll() }
        memory.tidyAt = max(Self.leastTidied, 2 * memory.seen.count)
      }
      memory.seen[caller.sessionID] = seen
    }
  }

  private static let leastTidied = 256

  private static let invalidToken = ServiceError(.notSignedIn, "the access token is not valid")
}
