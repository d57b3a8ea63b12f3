// Sessions that end, and tokens that are over, while sockets are open for them.

import ArchiveCore
import Logging

extension RealtimeGateway {
  /// Ends what is over, and has looked at what may be. Nothing that ends waits for what is looked at.
  func heard(_ end: SessionEnd) {
    switch end {
    case .session(let session): return self.end(session)
    case .some(let user):
      guard users[user] != nil else { return }
      usersToLookAt.insert(user)
    case .unknown: isToLookAtAll = true
    }
    lookBell.yield()
  }

  /// Looks at the sessions of those of whom something was heard since the last time.
  func lookAgain() async {
    let some = isToLookAtAll ? Array(users.keys) : Array(usersToLookAt)
    (isToLookAtAll, usersToLookAt) = (false, [])
    await lookAgain(at: some.flatMap { users[$0] ?? [] }.compactMap { sockets[$0]?.caller })
  }

  /// The session is over: each of its sockets hears so and goes.
  func end(_ session: SessionID, because reason: SessionEndReason = .ended) {
    for socket in sessions[session] ?? [] { end(socket, because: reason) }
  }

  func end(_ socket: SocketID, because reason: SessionEndReason) {
    guard sockets[socket] != nil else { return }
    counts.sessionsEnded += 1
    sender.send(.sessionEnded(reason), to: socket)
    sender.close(socket, .over)
    remove(socket)
  }

  /// Looks up sessions, and ends those that are over; roles count as they are now.
  private func lookAgain(at known: [Caller]) async {
    var open = Array(Set(known))[...]
    var failures = 0
    while !open.isEmpty, !Task.isCancelled {
      let some = Array(open.prefix(SessionLook.limit))
      do throws(StoreError) {
        let live = try await look(some)
        for caller in some { settle(caller, live[caller.sessionID]) }
        open = open.dropFirst(some.count)
        failures = 0
      } catch {
        failures += 1
        if failures == 1 {
          logger.warning(
            "sessions cannot be looked up, will try again", metadata: ["error": "\(error)"])
        }
        let pause = surroundings.backoff(after: failures, atMost: .seconds(10))
        do { try await surroundings.sleep(pause) } catch { return }
      }
    }
  }

  private func settle(_ old: Caller, _ new: Caller?) {
    guard let new else { return end(old.sessionID) }
    for socket in sessions[old.sessionID] ?? [] { hear(socket, as: new) }
  }

  // MARK: Tokens

  func watchExpiry(of socket: SocketID, at time: Timestamp) {
    // The second in which it is over already.
    expiries[time.milliseconds / 1000 + 1, default: []].append(socket)
  }

  /// Asks for a fresh token where one is over, and ends sockets that did not bring one.
  func endTokens(at now: Timestamp) {
    let present = now.milliseconds / 1000
    for second in expiries.keys where second <= present {
      for socket in expiries.removeValue(forKey: second) ?? [] { endToken(of: socket, at: now) }
    }
  }

  private func endToken(of socket: SocketID, at now: Timestamp) {
    guard let known = sockets[socket] else { return }
    let end = known.tokenExpiry.advanced(by: settings.tokenGrace)
    // One that was renewed is watched under its new time.
    if known.tokenExpiry > now { return }
    if end <= now { return self.end(socket, because: .tokenExpired) }
    watchExpiry(of: socket, at: max(end, now.advanced(by: .seconds(1))))
    guard !known.isAskedForToken else { return }
    sockets[socket]?.isAskedForToken = true
    sender.send(.tokenExpired(grace: settings.tokenGrace), to: socket)
  }
}

/// Looks up which sessions go on, many at once.
struct SessionLook: Sendable {
  let documents: any DocumentStore
  let now: @Sendable () -> Timestamp

  static let limit = 200

  /// Those that are in use, by session, with the role that their user has now.
  func callAsFunction(_ callers: [Caller]) async throws(StoreError) -> [SessionID: Caller] {
    let (sessionIDs, userIDs) = (Set(callers.map(\.sessionID)), Set(callers.map(\.userID)))
    let found = try await documents.find([
      Query(
        Session.schema.name, where: .oneOf("id", sessionIDs.map(\.stored)),
        limit: max(1, sessionIDs.count)),
      Query(
        User.schema.name, where: .oneOf("id", userIDs.map(\.stored)), limit: max(1, userIDs.count)),
    ])
    var users: [UserID: User] = [:]
    for document in found.dropFirst().first ?? [] {
      let user = try User(document: document)
      users[user.id] = user
    }
    var live: [SessionID: Caller] = [:]
    for document in found.first ?? [] {
      let session = try Session(document: document)
      guard let user = users[session.userID], session.isLive(of: user, at: now()) else { continue }
      live[session.id] = Caller(userID: user.id, sessionID: session.id, role: user.role)
    }
    return live
  }
}

/// When people were last seen who are not there now: the newest use of any of their sessions.
struct LastSeen: Sendable {
  let documents: any DocumentStore
  let presence: SessionPresence?

  /// More sessions than these people have together; a rest would only make an answer older.
  private static let sessionLimit = 2000

  func callAsFunction(of users: [UserID]) async throws(StoreError) -> [UserID: Timestamp] {
    guard !users.isEmpty else { return [:] }
    let sessions = try await Collection(Session.self, in: documents).find(
      where: .oneOf("userId", users.map(\.stored)), limit: Self.sessionLimit)
    var seen: [UserID: Timestamp] = [:]
    for session in sessions {
      let newest = max(session.lastSeenAt, presence?.unwritten(session.id) ?? session.lastSeenAt)
      seen[session.userID] = max(seen[session.userID] ?? newest, newest)
    }
    return seen
  }
}
