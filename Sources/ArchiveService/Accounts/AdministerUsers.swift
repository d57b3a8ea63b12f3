// An admin looks at accounts and changes them.

import ArchiveCore

/// What admins may do with the accounts of others. That only admins get here, the table of rights says; these look
/// again, because what they do is not to be had by a slip in a table.
struct AdministerUsers: Sendable {
  let documents: any DocumentStore
  let search: SearchUsers
  let deactivation: DeactivateUser
  let sessions: Sessions
  let audit: AuditLog

  private var users: Collection<User> { Collection(in: documents) }

  /// Which accounts are wanted; what is `nil` is not asked for.
  struct Wanted: Sendable {
    var query: String?
    var role: Role?
    var isDeactivated: Bool?

    /// Whether a user that was found is one of them.
    func isMet(by user: User) -> Bool {
      (role.map { $0 == user.role } ?? true)
        && (isDeactivated.map { $0 != user.isInUse } ?? true)
    }
  }

  /// What is to become of an account.
  struct Change: Decodable, Sendable {
    let role: Role?
    let deactivated: Bool?
  }

  func list(_ caller: Caller, _ wanted: Wanted, limit: Int, cursor: String?) async throws
    -> PageView<AdministeredUser>
  {
    try caller.requireAdmin()
    if let query = wanted.query {
      let (found, next) = try await search.accounts(
        caller, try SearchQuery(query), limit: limit, cursor: cursor)
      // What is found and not wanted leaves the page short; `next` goes on.
      let page = found.filter(wanted.isMet(by:))
      return PageView(items: page.map(AdministeredUser.init), next: next)
    }
    if wanted.isDeactivated == true {
      return try await listDeactivated(wanted.role, limit: limit, cursor: cursor)
    }
    return try await listAll(wanted, limit: limit, cursor: cursor)
  }

  /// Those out of use, few among many, are read from an index of their own, and so in its order: the earliest first.
  private func listDeactivated(_ role: Role?, limit: Int, cursor: String?) async throws
    -> PageView<AdministeredUser>
  {
    // Every time there is: a condition for which engines can use the index.
    let isDeactivated = Filter.greaterOrEqual("deactivatedAt", .time(Timestamp(milliseconds: 0)))
    let found = try await users.find(
      where: .and([isDeactivated] + Self.conditions(role)), sort: [.ascending("deactivatedAt")],
      limit: limit + 1, after: try cursor.map { try TimeCursor<UserSubject>($0).position })
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: page.items.map(AdministeredUser.init),
      next: page.next { user in user.deactivatedAt.map { TimeCursor($0, user.id).text } })
  }

  private func listAll(_ wanted: Wanted, limit: Int, cursor: String?) async throws
    -> PageView<AdministeredUser>
  {
    var conditions = Self.conditions(wanted.role)
    if wanted.isDeactivated == false { conditions.append(.missing("deactivatedAt")) }
    if let cursor {
      guard let place = UserID(cursor) else { throw ServiceError.invalidCursor }
      conditions.append(.greater("id", place.stored))
    }
    let found = try await users.find(
      where: conditions.isEmpty ? .everything : .and(conditions), sort: [.ascending("id")],
      limit: limit + 1)
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: page.items.map(AdministeredUser.init), next: page.next(\.id.description))
  }

  func show(_ caller: Caller, _ id: UserID?) async throws -> AdministeredUser {
    try caller.requireAdmin()
    return AdministeredUser(try await user(id))
  }

  /// Both changes are audited; each is done for itself, the role first.
  func edit(_ caller: Caller, _ id: UserID?, _ change: Change, from origin: RequestOrigin)
    async throws -> AdministeredUser
  {
    try caller.requireAdmin()
    var user = try await user(id)
    if let role = change.role, role != user.role {
      try await give(role, to: user, by: caller, from: origin)
      user = try await self.user(id)
    }
    if let isDeactivated = change.deactivated, isDeactivated == user.isInUse {
      if isDeactivated {
        try await deactivation.deactivate(user, by: caller, from: origin)
      } else {
        try await deactivation.reactivate(user, by: caller, from: origin)
      }
    }
    return AdministeredUser(try await self.user(id))
  }

  func endSessions(_ caller: Caller, of id: UserID?, from origin: RequestOrigin) async throws {
    try caller.requireAdmin()
    let user = try await user(id)
    try await sessions.revokeAll(of: user.id, except: nil, by: caller, from: origin)
  }

  private func give(_ role: Role, to user: User, by caller: Caller, from origin: RequestOrigin)
    async throws
  {
    let event = AuditEvent(
      .roleChanged, actor: caller.userID, subject: user.id, session: caller.sessionID,
      from: origin, detail: ["from": user.role.rawValue, "to": role.rawValue])
    let isAsSeen = Filter.and([
      .id(user.id.description), .equal("role", .string(user.role.rawValue)),
      .equal("name", .string(user.name)),
      user.deactivatedAt.map { .equal("deactivatedAt", .time($0)) } ?? .missing("deactivatedAt"),
    ])
    // An account out of use is no admin that one could lose; that it is still out of use, the filter says.
    let guarding = user.isInUse ? LastAdmin.steps(without: user) : []
    let steps: [TransactionStep] =
      guarding + (try IndexedUser(user, as: role).steps()) + [
        .update(
          Update(User.schema.name, where: isAsSeen, [.set("role", .string(role.rawValue))]),
          mustMatch: true),
        try audit.step(event),
      ]
    try await LastAdmin.explaining(user) { try await documents.transact(steps) }
    sessions.announceChange(of: user.id)
  }

  private func user(_ id: UserID?) async throws -> User {
    guard let id, let user = try await users.find(id: id.description) else {
      throw ServiceError(.notFound, "no such user")
    }
    return user
  }

  private static func conditions(_ role: Role?) -> [Filter] {
    role.map { [.equal("role", .string($0.rawValue))] } ?? []
  }
}

/// An account as admins see it.
struct AdministeredUser: Encodable, Sendable {
  let id: UserID
  let email: String
  let name: String
  let role: Role
  let language: Language
  let createdAt: Timestamp
  let emailConfirmedAt: Timestamp?
  let deactivatedAt: Timestamp?
  let phone: String?
  let avatarFileId: FileID?

  init(_ user: User) {
    (id, email, name, role) = (user.id, user.email, user.name, user.role)
    (language, createdAt) = (user.language, user.createdAt)
    (emailConfirmedAt, deactivatedAt) = (user.emailConfirmedAt, user.deactivatedAt)
    (phone, avatarFileId) = (user.profile.phone, user.profile.avatarFileID)
  }
}
