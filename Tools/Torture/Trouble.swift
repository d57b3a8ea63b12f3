// What may happen to a deployment of several nodes.

import ArchiveCore
import ArchiveTesting

/// One misfortune.
enum Trouble: String, CaseIterable, Sendable {
  case nodeKilled = "node killed"
  case allKilled = "all nodes killed"
  case nodePaused = "node paused"
  case nodeDied = "node died at a fault point"
  case nodeStalled = "node stalled at a fault point"
  case clockJumped = "clock jumped"
  case mongoKilled = "mongod killed"
  case mongoPaused = "mongod paused"
  case steppedDown = "stepped down"

  /// What it happens to. Two troubles at a time happen to different things.
  enum Subject: Sendable { case node, deployment, database }

  var subject: Subject {
    switch self {
    case .nodeKilled, .nodePaused, .nodeDied, .nodeStalled, .clockJumped: .node
    case .allKilled: .deployment
    case .mongoKilled, .mongoPaused, .steppedDown: .database
    }
  }

  /// Whether both may happen in one round.
  func goes(with other: Trouble, nodes: Int) -> Bool {
    switch (subject, other.subject) {
    case (.node, .node): nodes > 1
    case (.node, .database), (.database, .node): true
    case (.deployment, .database), (.database, .deployment): true
    default: false
    }
  }
}

/// Deals out troubles so that all get their turn.
struct TroubleDeck: Sendable {
  private let kinds: [Trouble]
  private var rest: [Trouble] = []
  private(set) var counts: [Trouble: Int] = [:]

  init(_ kinds: [Trouble]) { self.kinds = kinds }

  mutating func next(random: inout SeededGenerator) -> Trouble {
    if rest.isEmpty { rest = kinds.shuffled(using: &random) }
    let trouble = rest.removeLast()
    counts[trouble, default: 0] += 1
    return trouble
  }

  /// Something that happens at the same time, now and then.
  mutating func companion(of trouble: Trouble, nodes: Int, random: inout SeededGenerator)
    -> Trouble?
  {
    let fitting = kinds.filter { trouble.goes(with: $0, nodes: nodes) }
    guard !fitting.isEmpty, random.oneIn(2) else { return nil }
    let other = random.pick(fitting)
    counts[other, default: 0] += 1
    return other
  }

  var summary: String {
    kinds.map { "\($0.rawValue) \(counts[$0, default: 0])" }.joined(separator: ", ")
  }
}
