// Who is there, on this node and on others: a pure machine.

import ArchiveCore

/// Whether somebody is there.
enum PresenceStatus: String, Sendable, Comparable, CaseIterable {
  case offline, away, online

  private var rank: Int {
    switch self {
    case .offline: 0
    case .away: 1
    case .online: 2
    }
  }

  static func < (left: PresenceStatus, right: PresenceStatus) -> Bool { left.rank < right.rank }
}

/// Joins what this node knows of its own sockets with what other nodes say of theirs, and gathers what changed.
///
/// Somebody is what the best of all sockets says. Whoever goes is there for `absenceGrace` more, so a page that is
/// loaded again is no news. What changes and changes back before it is taken never happened.
struct PresenceBoard: Sendable {
  /// What another node last said.
  private struct Node {
    var heardAt: Duration
    var users: [UserID: PresenceStatus] = [:]
  }

  private var local: [UserID: PresenceStatus] = [:]
  /// Since when those who went from this node are gone.
  private var leaving: [UserID: Duration] = [:]
  private var nodes: [ULID: Node] = [:]
  /// What rooms were told; whoever is not in it is offline.
  private var told: [UserID: PresenceStatus] = [:]
  /// Whose status may not be what was told, in the order of coming.
  private var pending: [UserID] = []
  private var isPending: Set<UserID> = []
  /// Whose local status other nodes have not heard; `nil` where nobody else is told.
  private var unsent: Set<UserID>?

  /// - Parameter isShared: there are other nodes, to be told what `takeUnsent` says.
  init(isShared: Bool) { unsent = isShared ? [] : nil }

  func status(of user: UserID) -> PresenceStatus {
    nodes.values.reduce(local[user] ?? .offline) { max($0, $1.users[user] ?? .offline) }
  }

  // MARK: This node

  /// The user has sockets here, of which this is the best.
  mutating func set(_ status: PresenceStatus, of user: UserID) {
    leaving[user] = nil
    guard local[user] != status else { return }
    local[user] = status
    note(user)
    unsent?.insert(user)
  }

  /// The user's last socket is gone.
  mutating func left(_ user: UserID, at uptime: Duration) {
    if local[user] != nil { leaving[user] = uptime }
  }

  /// Those whose grace is over are gone.
  mutating func settle(_ grace: Duration, at uptime: Duration) {
    for (user, since) in leaving where uptime - since >= grace {
      leaving[user] = nil
      local[user] = nil
      note(user)
      unsent?.insert(user)
    }
  }

  /// What others have not heard of this node's users, and is heard of once it is taken.
  mutating func takeUnsent() -> [UserID: PresenceStatus] {
    guard let users = unsent else { return [:] }
    unsent = []
    return Dictionary(uniqueKeysWithValues: users.map { ($0, local[$0] ?? .offline) })
  }

  /// What others are told anew.
  var wholeState: [UserID: PresenceStatus] { local }

  // MARK: Other nodes

  func knows(_ node: ULID) -> Bool { nodes[node] != nil }

  /// Another node is there.
  mutating func heard(_ node: ULID, at uptime: Duration) {
    nodes[node, default: Node(heardAt: uptime)].heardAt = uptime
  }

  /// Another node says how it is with some of its users.
  mutating func heard(_ node: ULID, _ users: [UserID: PresenceStatus], at uptime: Duration) {
    heard(node, at: uptime)
    for (user, status) in users {
      nodes[node]?.users[user] = status == .offline ? nil : status
      note(user)
    }
  }

  /// Another node tells everything anew: what it does not name does not hold.
  mutating func forget(_ node: ULID) {
    guard let gone = nodes.removeValue(forKey: node) else { return }
    for user in gone.users.keys { note(user) }
  }

  /// Nodes that were not heard of for too long are gone, and their users with them.
  mutating func forgetNodes(silentFor lifetime: Duration, at uptime: Duration) {
    for (node, state) in nodes where uptime - state.heardAt >= lifetime { forget(node) }
  }

  // MARK: What is news

  private mutating func note(_ user: UserID) {
    if isPending.insert(user).inserted { pending.append(user) }
  }

  var hasNews: Bool { !pending.isEmpty }

  /// Up to so many users whose status is another than what was last taken.
  mutating func takeNews(_ limit: Int) -> [(user: UserID, status: PresenceStatus)] {
    var news: [(user: UserID, status: PresenceStatus)] = []
    var seen = 0
    for user in pending {
      if news.count == limit { break }
      seen += 1
      isPending.remove(user)
      let status = status(of: user)
      guard status != told[user] ?? .offline else { continue }
      told[user] = status == .offline ? nil : status
      news.append((user, status))
    }
    pending.removeFirst(seen)
    return news
  }
}
