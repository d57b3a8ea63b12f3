// Several nodes on one MongoDB and one bucket, and everything that can happen to any of them.

import ArchiveCore
import ArchiveTesting
import AsyncHTTPClient
import Foundation
import NIOCore

/// Rounds on one deployment: talk to all nodes while one or two things go wrong, heal, retry, compare.
struct NodesScenario {
  let directory: String
  let rounds: Int
  let clients: Int
  var random: SeededGenerator
  let report: Report

  private let deployment: Deployment
  private let operation: Operator
  private let doors: Doors
  private let ledger = Ledger(mayBeCarriedOutLate: true)
  private var town = Town()
  private var deck: TroubleDeck
  private var points: [FaultPoint: Int] = [:]
  private var slowestHead = Duration.zero
  private let clock = ContinuousClock()

  /// Rounds after which people move on to new conversations, so that a round costs the same for ever.
  private static let movingRounds = 5
  /// Rounds between two verifications and exports; between two verifications of everything.
  private static let thoroughRounds = 5
  private static let wholeRounds = 20
  /// So short that a pause of a few seconds outlasts it.
  private static let lease = ["ARCHIVE_ARCHIVE_LEASELIFETIME": "3s"]
  /// Whoever hears nothing for that long asks another node.
  private static let patience = TimeAmount.seconds(4)
  /// How long all may need to be taken after everything is well again.
  private static let settlingSeconds = 60

  init(
    directory: String, server: String, nodes count: Int, clients: Int, rounds: Int,
    random: SeededGenerator, report: Report, mongo: MongoServer, storage: Storage,
    without: [String]
  ) async throws {
    (self.directory, self.rounds, self.clients) = (directory, rounds, clients)
    (self.random, self.report) = (random, report)
    let shared = storage.environment.merging(Self.lease) { $1 }
      .merging(Self.keys(&self.random)) { $1 }
    let library = try await PreloadedLibrary.compile("shifted_clock", directory: directory)
    let doors = Doors(Array(repeating: "", count: count))
    self.doors = doors
    deployment = Deployment(
      nodes: try (0..<count).map {
        try Node(
          $0, server: server, directory: directory + "/node\($0 + 1)", environment: shared,
          clock: library, doors: doors)
      }, mongo: mongo, storage: storage)
    operation = Operator(
      server: server, directory: directory,
      environment: ServerProcess.environment(data: directory + "/operator", shared))
    deck = TroubleDeck(
      Trouble.allCases.filter {
        ($0.subject != .database || mongo.port != nil) && ($0 != .clockJumped || library != nil)
          && !without.contains($0.rawValue)
      })
  }

  /// Every process of a deployment needs the same two.
  private static func keys(_ random: inout SeededGenerator) -> [String: String] {
    let words = (0..<8).map { _ in String(random.next(), radix: 16) }
    return [
      "ARCHIVE_AUTH_SECRET": words[..<4].joined(separator: "-"),
      "ARCHIVE_ARCHIVE_ANCHORKEY": words[4...].joined(separator: "-"),
    ]
  }

  mutating func run() async throws {
    let http = ChatClient.makeHTTP()
    do {
      try await runAll(http)
    } catch {
      await deployment.abandon()
      try? await http.shutdown()
      throw error
    }
    try await http.shutdown()
  }

  private mutating func runAll(_ http: HTTPClient) async throws {
    let start = clock.now
    var client = ChatClient(http: http, doors: doors)
    try await deployment.mongo.shortenTransactions()
    // A token from the future is refused, so these are older than any clock will be behind.
    for node in deployment.nodes { try await node.setClock(ahead: -2 * 3600) }
    try await deployment.heal()
    try await town.signUp(clients, with: client)
    for node in deployment.nodes { try await node.setClock(ahead: 0) }
    client.patience = Self.patience
    for number in 1...rounds {
      try await round(number, client)
      if report.isQuiet, number % 10 == 0 || number == rounds {
        Report.line("round \(number) of \(rounds): \(summary) \(seconds(clock.now - start))")
      }
    }
    try await finish(client)
    Report.line("nodes: \(rounds) rounds, \(summary) \(seconds(clock.now - start))")
    Report.line("suffered: \(deck.summary)")
    Report.line(
      "reached: "
        + FaultPoint.allCases.map { "\($0.rawValue) \(points[$0, default: 0])" }
        .joined(separator: ", ") + "; a head took up to \(seconds(slowestHead)) to be known; "
        + "\(ledger.delayCount) reads did not see at once what was acknowledged")
  }

  private mutating func round(_ number: Int, _ client: ChatClient) async throws {
    let start = clock.now
    if (number - 1) % Self.movingRounds == 0 {
      var patient = client
      patient.patience = .seconds(30)
      try await town.openConversations(6, with: patient, ledger: ledger, random: &random)
    }
    let plans = plans()
    let weather = random.oneIn(2) ? Weather.calm : random.pick(Weather.allCases)
    var happened = plans.map(\.trouble.rawValue).joined(separator: ", ")
    do {
      for plan in plans { try await deployment.prepare(plan) }
      happened = try await talk(client, plans, weather).joined(separator: ", ")
      try await deployment.heal()
      try await town.settle(with: client, within: Self.settlingSeconds)
      try await compare(number, client)
    } catch {
      throw Loss("round \(number) (\(happened); weather: \(weather.rawValue)): \(error)")
    }
    note(happened)
    if !report.isQuiet {
      Report.line(
        "round \(number): \(happened)\(weather == .calm ? "" : ", weather: \(weather.rawValue)"); "
          + "\(summary) \(seconds(clock.now - start))")
    }
  }

  /// One trouble, or two that happen at the same time to different things.
  private mutating func plans() -> [Deployment.Plan] {
    let first = deck.next(random: &random)
    let second = deck.companion(of: first, nodes: deployment.nodes.count, random: &random)
    let place = random.int(0...99)
    return [first, second].compactMap(\.self).enumerated().map { index, trouble in
      let point = nextPoint()
      return Deployment.Plan(
        trouble: trouble, node: deployment.nodes[(place + index) % deployment.nodes.count],
        random: SeededGenerator(seed: random.next()), point: point,
        count: point.rawValue.hasPrefix("flush") ? random.int(1...3) : 1)
    }
  }

  /// One of those that were reached least often.
  private mutating func nextPoint() -> FaultPoint {
    FaultPoint.allCases.shuffled(using: &random).min {
      points[$0, default: 0] < points[$1, default: 0]
    }
      ?? .flushPut
  }

  private mutating func note(_ happened: String) {
    for point in FaultPoint.allCases where happened.contains(" at \(point.rawValue):") {
      points[point, default: 0] += 1
    }
  }

  /// Everybody talks while it happens; says what happened.
  private mutating func talk(
    _ client: ChatClient, _ plans: [Deployment.Plan], _ weather: Weather
  ) async throws -> [String] {
    let talking = Task { [town] in
      var town = town
      try await town.talk(to: client, patience: .max)
      return town
    }
    let storm = SeededGenerator(seed: random.next())
    let result: Result<[String], any Error>
    do {
      async let storm: Void = deployment.storage.storm(weather, random: storm)
      let happened = try await suffer(plans)
      try await storm
      try await Task.sleep(for: .milliseconds(random.int(200...800)))
      result = .success(happened)
    } catch {
      result = .failure(error)
    }
    talking.cancel()
    town = try await talking.value
    return try result.get()
  }

  private func suffer(_ plans: [Deployment.Plan]) async throws -> [String] {
    try await withThrowingTaskGroup(of: (Int, String).self) { [deployment] group in
      for (index, plan) in plans.enumerated() {
        group.addTask { (index, try await deployment.suffer(plan)) }
      }
      var happened: [(Int, String)] = []
      for try await one in group { happened.append(one) }
      return happened.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  // MARK: Comparing

  private mutating func compare(_ number: Int, _ client: ChatClient) async throws {
    var client = client
    client.token = town.people[0].token
    let present = Set(town.lanes.map(\.conversation))
    var chosen = town.conversations.filter(present.contains)
    // An old conversation must not change any more, whatever happens to the new ones.
    chosen.append(random.pick(town.conversations))
    try await audit(chosen, client)
    guard number % Self.thoroughRounds == 0 else { return }
    let exported = Audit(ledger: ledger, client: client)
    for conversation in chosen { try await operation.export(conversation, exported) }
    let isWhole = number % Self.wholeRounds == 0
    try await operation.verify(
      "beside the running nodes", conversation: isWhole ? nil : chosen.first)
  }

  private mutating func audit(_ conversations: [String], _ client: ChatClient) async throws {
    var client = client
    // A read may have to wait for an object store that was away a moment ago.
    client.patience = .seconds(40)
    let audit = NodesAudit(ledger: ledger, client: client, nodes: deployment.nodes.count)
    for conversation in conversations {
      let took = try await audit.check(conversation, pageLimit: random.int(60...200))
      slowestHead = max(slowestHead, took)
    }
  }

  /// Everything once more: every conversation, read on every node, exported and verified.
  private mutating func finish(_ client: ChatClient) async throws {
    var client = client
    client.token = town.people[0].token
    try await operation.flush()
    try await audit(town.conversations, client)
    let exported = Audit(ledger: ledger, client: client)
    for conversation in town.conversations { try await operation.export(conversation, exported) }
    try await operation.verify("at the end, beside the running nodes")
    try await operation.waitUntilTidy()
    for node in deployment.nodes { try await node.stop() }
    try await operation.verify("at the end")
  }

  private var summary: String {
    "\(ledger.count) messages, \(ledger.acknowledgedCount) acknowledgements, "
      + "\(town.conversations.count) conversations"
  }

  private func seconds(_ duration: Duration) -> String {
    duration.formatted(.units(allowed: [.minutes, .seconds, .milliseconds], maximumUnitCount: 2))
  }
}
