// Somebody looks where the account is signed in.

import ArchiveCore

/// Lists a user's sessions, the newest first.
struct ListSessions: Sendable {
  let sessions: Collection<Session>
  let users: Collection<User>
  let presence: SessionPresence
  let surroundings: Surroundings

  func callAsFunction(_ caller: Caller, limit: Int, cursor: String?) async throws
    -> PageView<SessionView>
  {
    let user = try await users.own(caller)
    let now = surroundings.now()
    var conditions: [Filter] = [
      .equal("userId", user.id.stored), .missing("endedAt"), .greater("expiresAt", .time(now)),
    ]
    if let cursor {
      guard let place = SessionID(cursor) else { throw ServiceError.invalidCursor }
      conditions.append(.less("id", place.stored))
    }
    let found = try await sessions.find(
      where: .and(conditions), sort: [.descending("id")], limit: limit + 1)
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: page.items.filter { $0.isLive(of: user, at: now) }.map {
        SessionView(
          $0, seen: presence.unwritten($0.id), isCurrent: $0.id == caller.sessionID, now: now)
      },
      next: page.next(\.id.description))
  }
}

/// A session as its owner sees it.
struct SessionView: Encodable, Sendable {
  let id: SessionID
  let device: String?
  let address: String?
  let createdAt: Timestamp
  let lastSeenAt: Timestamp
  /// Whether it is the one that asks.
  let current: Bool
  /// Whether it was used within `SessionPresence.onlineWindow`.
  let online: Bool

  /// - Parameter seen: when this node saw it last, if that is not written yet.
  init(_ session: Session, seen: Timestamp?, isCurrent: Bool, now: Timestamp) {
    (id, device, address) = (session.id, session.device, session.address)
    (createdAt, lastSeenAt) = (
      session.createdAt, max(seen ?? session.lastSeenAt, session.lastSeenAt)
    )
    current = isCurrent
    online = isCurrent || now.since(lastSeenAt) < SessionPresence.onlineWindow
  }
}
