// Somebody looks for people.

import ArchiveCore

/// Finds users by parts of their names, and for staff of their addresses: among those whom the searcher may meet.
///
/// Those of whom a word begins with the query come first. A request looks at a bounded number of places in the
/// index; a page may therefore be short, or empty, while `next` goes on.
struct SearchUsers: Sendable {
  private let users: Collection<User>
  private let terms: Collection<UserTerm>
  private let settings: ServiceSettings.Conversations

  init(documents: any DocumentStore, settings: ServiceSettings.Conversations) {
    users = Collection(in: documents)
    terms = Collection(in: documents)
    self.settings = settings
  }

  /// A range of the index: all of it is walked before the next one.
  private struct Phase {
    let scope: UserTerm.Scope
    let rank: UserTerm.Rank
  }

  /// Where a walk is.
  private struct Place {
    var phase: Int
    /// The last term that was looked at.
    var behind: String?
  }

  /// Terms that are read at once.
  private static let batch = 200

  func callAsFunction(_ caller: Caller, _ query: SearchQuery, limit: Int, cursor: String?)
    async throws -> PageView<FoundUser>
  {
    let (found, next) = try await walk(
      query, Self.phases(for: caller.role, settings), as: caller.role, limit: limit,
      cursor: cursor)
    return PageView(items: found.map { FoundUser($0, for: caller.role) }, next: next)
  }

  /// The same as accounts, for who administers them.
  func accounts(_ caller: Caller, _ query: SearchQuery, limit: Int, cursor: String?) async throws
    -> ([User], next: String?)
  {
    try await walk(
      query, Self.phases(for: caller.role, settings), as: caller.role, limit: limit,
      cursor: cursor)
  }

  private static func phases(for role: Role, _ settings: ServiceSettings.Conversations) -> [Phase] {
    var scopes: [UserTerm.Scope] = []
    let kinds: [(Role, UserTerm.Scope)] = [
      (.agent, .staffName), (.merchant, .partnerName), (.customer, .customerName),
    ]
    for (other, scope) in kinds
    where RightsTable.mayMeet(role, other, customersMayMeet: settings.customersMayMeet) {
      scopes.append(scope)
    }
    if role.isStaff { scopes.append(.address) }
    return UserTerm.Rank.allCases.flatMap { rank in
      scopes.map { Phase(scope: $0, rank: rank) }
    }
  }

  private func walk(
    _ query: SearchQuery, _ phases: [Phase], as role: Role, limit: Int, cursor: String?
  ) async throws -> ([User], next: String?) {
    var place = try cursor.map { try Self.place($0, phases, query) } ?? Place(phase: 0)
    var found: [User] = []
    var budget = settings.searchBudget
    while place.phase < phases.count {
      guard budget > 0 else { return (found, Self.text(place)) }
      let batch = try await batch(query, phases[place.phase], behind: place.behind)
      budget -= max(1, batch.count)
      let known = try await users(of: batch)
      for term in batch {
        place.behind = term.id
        guard let user = known[term.userID], isShown(user, by: term, query, to: role) else {
          continue
        }
        found.append(user)
        if found.count == limit { return (found, Self.text(place)) }
      }
      if batch.count < Self.batch { place = Place(phase: place.phase + 1) }
    }
    return (found, nil)
  }

  private func batch(_ query: SearchQuery, _ phase: Phase, behind: String?) async throws
    -> [UserTerm]
  {
    let prefix = Filter.prefix("id", UserTerm.prefix(phase.scope, phase.rank, query.rarest[...]))
    return try await terms.find(
      where: prefix, sort: [.ascending("id")], limit: Self.batch,
      after: behind.map { PageCursor(values: [.string($0)]) })
  }

  private func users(of terms: [UserTerm]) async throws -> [UserID: User] {
    let ids = Set(terms.map(\.userID))
    guard !ids.isEmpty else { return [:] }
    let found = try await users.find(where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
  }

  /// The user as it is now decides: a term may be older. Each is shown by one of its terms only.
  private func isShown(_ user: User, by term: UserTerm, _ query: SearchQuery, to role: Role) -> Bool
  {
    guard user.isInUse || role == .admin else { return false }
    return IndexedUser(user).term(for: query, withAddress: role.isStaff) == term.id
  }
}

// MARK: Cursors

extension SearchUsers {
  private static func text(_ place: Place) -> String {
    CursorText.text("\(place.phase) \(place.behind ?? "")")
  }

  /// A cursor goes on within the same query only.
  private static func place(_ text: String, _ phases: [Phase], _ query: SearchQuery) throws
    -> Place
  {
    let invalid = ServiceError.field("cursor", "is not a cursor of this search")
    guard let decoded = CursorText.content(of: text) else { throw invalid }
    let parts = decoded.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Digits.number(parts[0]), number < Int64(phases.count)
    else { throw invalid }
    let phase = phases[Int(number)]
    guard !parts[1].isEmpty else { return Place(phase: Int(number)) }
    let prefix = UserTerm.prefix(phase.scope, phase.rank, query.rarest[...])
    guard parts[1].utf8.starts(with: prefix.utf8), parts[1].utf8.count <= Document.idLimitBytes
    else { throw invalid }
    return Place(phase: Int(number), behind: String(parts[1]))
  }
}

/// A user as a search shows one; address and role only to staff.
struct FoundUser: Encodable, Sendable {
  let id: UserID
  let name: String
  let avatarFileId: FileID?
  let email: String?
  let role: Role?

  init(_ user: User, for role: Role) {
    (id, name, avatarFileId) = (user.id, user.name, user.profile.avatarFileID)
    email = role.isStaff ? user.email : nil
    self.role = role.isStaff ? user.role : nil
  }
}
