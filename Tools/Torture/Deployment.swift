// Several nodes on one MongoDB and one bucket, and how they suffer.

import ArchiveCore
import ArchiveTesting
import Foundation

/// All processes of a deployment. Everything is put right again by `heal`.
struct Deployment: Sendable {
  let nodes: [Node]
  let mongo: MongoServer
  let storage: Storage

  /// Longer than the lease lasts, and shorter.
  private static let pauseMilliseconds = 500...7000
  /// A pause that outlasts every patience; one pause in so many.
  private static let longPause = Duration.seconds(30)
  private static let longPauseRate = 12
  private static let mongoPauseMilliseconds = 300...5000
  /// How long a node may take to reach its fault point.
  private static let reachingMilliseconds = 4000
  private static let clockErrors = [-3600, 3600, -3600, 3600, -60, 2, 0]

  /// A trouble, and the node that it happens to.
  struct Plan: Sendable {
    let trouble: Trouble
    let node: Node
    var random: SeededGenerator
    var point = FaultPoint.flushPut
    var count = 1
  }

  /// Everything runs: MongoDB first, as no node starts without it.
  func heal() async throws {
    for node in nodes { await node.resume() }
    try await mongo.heal()
    try await storage.calm()
    for node in nodes { try await node.heal() }
  }

  /// Nobody is left running, whatever happened.
  func abandon() async {
    await mongo.resume()
    for node in nodes { try? await node.kill() }
    try? await mongo.heal()
    try? await storage.calm()
  }

  /// What must be done before anything happens, while all is well.
  func prepare(_ plan: Plan) async throws {
    let place = "\(plan.point.rawValue):\(plan.count)"
    switch plan.trouble {
    case .nodeDied: try await plan.node.restart(["--die-at", place])
    case .nodeStalled: try await plan.node.restart(["--stop-at", place])
    default: return
    }
    // Only who has the lease comes to a fault point: the others give it back, and come again.
    for node in nodes where node.number != plan.node.number { try await node.giveLeaseBack() }
  }

  /// Lets it happen, and says what happened.
  func suffer(_ plan: Plan) async throws -> String {
    var random = plan.random
    try await Self.pause(random.int(100...700))
    switch plan.trouble {
    case .nodeKilled:
      try await plan.node.kill()
      return "\(plan.node.name) killed"
    case .allKilled:
      for node in nodes { try await node.kill() }
      return "all nodes killed"
    case .nodePaused: return try await pause(plan.node, &random)
    case .nodeDied, .nodeStalled: return try await reach(plan, &random)
    case .clockJumped:
      let seconds = random.pick(Self.clockErrors)
      try await plan.node.setClock(ahead: seconds)
      return "\(plan.node.name)'s clock \(seconds) s ahead"
    case .mongoKilled, .mongoPaused, .steppedDown:
      return try await disturb(plan.trouble, &random)
    }
  }

  private func pause(_ node: Node, _ random: inout SeededGenerator) async throws -> String {
    let isLong = random.oneIn(Self.longPauseRate)
    let time =
      isLong ? Self.longPause : .milliseconds(random.int(Self.pauseMilliseconds))
    await node.pause()
    try await Task.sleep(for: time)
    await node.resume()
    return "\(node.name) paused for \(time)"
  }

  private func reach(_ plan: Plan, _ random: inout SeededGenerator) async throws -> String {
    let isReached = try await plan.node.waitUntilQuiet(milliseconds: Self.reachingMilliseconds)
    let place = "\(plan.point.rawValue):\(plan.count)"
    guard isReached else {
      try await plan.node.kill()
      return "\(plan.node.name) killed, as \(place) was not reached"
    }
    guard plan.trouble == .nodeStalled else { return "\(plan.node.name) died at \(place)" }
    let milliseconds = random.int(Self.pauseMilliseconds)
    try await Self.pause(milliseconds)
    await plan.node.resume()
    return "\(plan.node.name) stalled at \(place) for \(milliseconds) ms"
  }

  private func disturb(_ trouble: Trouble, _ random: inout SeededGenerator) async throws -> String {
    switch trouble {
    case .mongoKilled:
      try await mongo.kill()
      try await Self.pause(random.int(0...1500))
      try await mongo.heal()
      return "mongod killed"
    case .mongoPaused:
      let milliseconds = random.int(Self.mongoPauseMilliseconds)
      let which = try await mongo.pause(random: &random)
      try await Self.pause(milliseconds)
      await mongo.resume()
      return "\(which) paused for \(milliseconds) ms"
    default:
      try await mongo.stepDown()
      return "stepped down"
    }
  }

  private static func pause(_ milliseconds: Int) async throws {
    try await Task.sleep(for: .milliseconds(milliseconds))
  }
}
