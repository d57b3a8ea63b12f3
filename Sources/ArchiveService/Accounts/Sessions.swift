// Begins, renews and ends sessions.

import ArchiveCore

/// Keeps the sessions of all users; the only place that makes tokens for clients.
struct Sessions: Sendable {
  private let documents: any DocumentStore
  private let sessions: Collection<Session>
  private let users: Collection<User>
  private let tokens: AccessTokens
  private let callers: Callers
  private let ends: SessionEnds
  private let audit: AuditLog
  private let letters: AccountLetters
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, tokens: AccessTokens, callers: Callers, ends: SessionEnds,
    audit: AuditLog, letters: AccountLetters, settings: ServiceSettings.Auth,
    surroundings: Surroundings
  ) {
    self.documents = documents
    sessions = Collection(in: documents)
    users = Collection(in: documents)
    (self.tokens, self.callers, self.ends) = (tokens, callers, ends)
    (self.audit, self.letters) = (audit, letters)
    (self.settings, self.surroundings) = (settings, surroundings)
  }

  // MARK: Begin

  /// A session on one more device, and what is to be written for it. It begins when the steps are carried out and
  /// `signedIn` is asked for its tokens.
  struct Beginning: Sendable {
    let refresh: RefreshToken
    let steps: [TransactionStep]
  }

  func beginning(
    for user: User, device: String?, from origin: RequestOrigin, as kind: AuditKind
  ) throws -> Beginning {
    let id = SessionID(surroundings.newID())
    let refresh = RefreshToken(for: id, surroundings: surroundings)
    let now = surroundings.now()
    let session = Session(
      id: id, userID: user.id, device: device ?? origin.userAgent,
      address: origin.address?.description, createdAt: now, lastSeenAt: now,
      expiresAt: now.advanced(by: settings.refreshTokenLifetime), era: user.sessionEra,
      refreshHash: refresh.hash, familyHash: refresh.familyHash, endedAt: nil)
    let event = AuditEvent(
      kind, actor: user.id, subject: user.id, session: id, from: origin, device: device)
    return Beginning(
      refresh: refresh,
      steps: [.insert(try session.document(), into: sessions.name), try audit.step(event)])
  }

  func signedIn(_ user: User, _ beginning: Beginning) async throws -> SignedIn {
    try await signedIn(user, beginning.refresh)
  }

  /// Signs in a user whose password was seen to be right.
  ///
  /// A password that is changed at the same moment wins: then the account is not the one any more that was read. (The
  /// era in the session decides it where an engine lets both happen.)
  func begin(
    for user: User, device: String?, from origin: RequestOrigin, with steps: [TransactionStep]
  ) async throws -> SignedIn {
    try await makeRoom(for: user)
    let beginning = try beginning(for: user, device: device, from: origin, as: .signedIn)
    do {
      try await documents.transact(
        [.expect(users.name, where: user.isUnchanged)] + beginning.steps + steps)
    } catch {
      guard error.kind == .conflict else { throw error }
      throw ServiceError(.conflict, "the account has just changed, try again")
    }
    return try await signedIn(user, beginning.refresh)
  }

  /// Beyond `sessionLimit` the oldest sessions end.
  private func makeRoom(for user: User) async throws {
    let live = Filter.and([.equal("userId", user.id.stored), .missing("endedAt")])
    let excess = try await sessions.store.count(sessions.name, where: live) - settings.sessionLimit
    guard excess >= 0 else { return }
    let oldest = try await sessions.find(
      where: live, sort: [.ascending("createdAt")], limit: min(excess + 1, 500))
    try await end(.oneOf("id", oldest.map(\.id.stored)))
  }

  // MARK: Renew

  /// Exchanges a refresh token for new tokens.
  ///
  /// A token that was exchanged before ends its session: somebody has a copy. It is known by its family, however often
  /// the session was renewed since. Of two exchanges at once exactly one wins, by a conditional update. The other is
  /// refused; it ends the session only when it begins after the winner's write, because only then it is a reuse. There
  /// is no time of grace: within it a thief's copy would be taken too, and what a lost answer costs is one sign-in.
  func renew(_ text: String, from origin: RequestOrigin) async throws -> SignedIn {
    guard let old = RefreshToken(text),
      let session = try await sessions.find(id: old.sessionID.description),
      session.familyHash == old.familyHash,
      let user = try await users.find(id: session.userID.description),
      session.isLive(of: user, at: surroundings.now())
    else { throw Self.invalidToken }
    guard session.refreshHash == old.hash else {
      try await endReused(session, of: user, from: origin)
      throw Self.invalidToken
    }
    let new = old.successor(surroundings: surroundings)
    guard try await exchange(old, for: new, from: origin) else { throw Self.invalidToken }
    return try await signedIn(user, new)
  }

  private func exchange(
    _ old: RefreshToken, for new: RefreshToken, from origin: RequestOrigin
  ) async throws -> Bool {
    let now = surroundings.now()
    var changes: [DocumentChange] = [
      .set("refreshHash", .string(new.hash)), .set("lastSeenAt", .time(now)),
      .set("expiresAt", .time(now.advanced(by: settings.refreshTokenLifetime))),
    ]
    if let address = origin.address { changes.append(.set("address", .string("\(address)"))) }
    let changed = try await sessions.update(
      where: .and([
        .id(old.sessionID.description), .equal("refreshHash", .string(old.hash)),
        .missing("endedAt"),
      ]), changes)
    return changed != nil
  }

  private func endReused(_ session: Session, of user: User, from origin: RequestOrigin) async throws
  {
    let event = AuditEvent(
      .refreshReused, subject: user.id, session: session.id, from: origin)
    do {
      try await end(
        .id(session.id.description), mustMatch: true,
        with: [try audit.step(event)] + (try letters.notice(.sessionEndedByReuse, to: user)))
    } catch {
      // Of several at once one ends it, and tells.
      guard let error = error as? StoreError, error.kind == .conflict else { throw error }
    }
  }

  // MARK: End

  /// Ends the caller's own session.
  func signOut(_ caller: Caller, from origin: RequestOrigin) async throws {
    let event = AuditEvent(
      .signedOut, actor: caller.userID, subject: caller.userID, session: caller.sessionID,
      from: origin)
    try await end(.id(caller.sessionID.description), with: [try audit.step(event)])
  }

  /// Ends one of somebody's sessions; throws `notFound` where there is none.
  func revoke(_ session: SessionID, of user: UserID, by caller: Caller, from origin: RequestOrigin)
    async throws
  {
    let mine = Filter.and([.id(session.description), .equal("userId", user.stored)])
    let live = Filter.and([
      mine, .missing("endedAt"), .greater("expiresAt", .time(surroundings.now())),
    ])
    guard try await !sessions.find(where: live, limit: 1).isEmpty else {
      throw ServiceError(.notFound, "no such session")
    }
    let event = AuditEvent(
      .sessionRevoked, actor: caller.userID, subject: user, session: session, from: origin)
    try await end(mine, with: [try audit.step(event)])
  }

  /// Ends all sessions of somebody, but for one that may be kept.
  func revokeAll(
    of user: UserID, except kept: SessionID?, by caller: Caller, from origin: RequestOrigin
  ) async throws {
    let event = AuditEvent(
      .sessionRevoked, actor: caller.userID, subject: user, from: origin,
      detail: ["which": kept == nil ? "all" : "others"])
    try await end(Self.all(of: user, except: kept), with: [try audit.step(event)])
  }

  static func all(of user: UserID, except kept: SessionID? = nil) -> Filter {
    let all = Filter.equal("userId", user.stored)
    return kept.map { .and([all, .not(.id($0.description))]) } ?? all
  }

  /// Carries out what ends sessions of a user; then forgets all of them, and tells who holds something open for one.
  func carryOut(_ steps: [TransactionStep], endingSessionsOf user: UserID) async throws {
    try await documents.transact(steps)
    announceChange(of: user)
  }

  /// Makes what has changed about a user count at once, on this node; on the others `AccountFollower` does.
  func announceChange(of user: UserID) {
    callers.forget(user)
    ends.publish(.some(of: user))
  }

  /// What has ended is forgotten, and who holds something open for it is told, when the end is durable.
  private func end(
    _ filter: Filter, mustMatch: Bool = false, with steps: [TransactionStep] = []
  ) async throws(StoreError) {
    let now = surroundings.now()
    try await documents.transact(
      [.update(Session.ending(where: filter, at: now), mustMatch: mustMatch)] + steps)
    do throws(StoreError) {
      let ended = try await sessions.find(
        where: .and([filter, .equal("endedAt", .time(now))]), limit: Self.announcedLimit)
      for session in ended {
        callers.forget(session.id)
        ends.publish(.session(session.id))
      }
    } catch {
      // They have ended all the same. Which they are cannot be asked now, so all are looked at again.
      callers.forgetAll()
      ends.publish(.unknown)
    }
  }

  /// Far more than one user has.
  private static let announcedLimit = 2_000

  private func signedIn(_ user: User, _ refresh: RefreshToken) async throws -> SignedIn {
    SignedIn(
      user: OwnUser(user),
      accessToken: try await tokens.make(for: user, session: refresh.sessionID),
      refreshToken: refresh.text, expiresIn: tokens.lifetimeSeconds)
  }

  private static let invalidToken = ServiceError(.notSignedIn, "the refresh token is not valid")
}
