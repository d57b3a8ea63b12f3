// Kills the server again and again, at random moments and at every fault point.

import ArchiveCore
import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// Rounds on one data directory: talk, kill, start again, retry, compare.
struct CrashScenario {
  let directory: String
  let server: String
  let clients: Int
  let rounds: Int
  var random: SeededGenerator
  let report: Report
  let storage: Storage

  private let ledger = Ledger()
  private var town = Town()
  private var hits: [FaultPoint: Int] = [:]
  private var tries: [FaultPoint: Int] = [:]
  private var randomKills = 0
  private let clock = ContinuousClock()

  /// Rounds after which people move on to new conversations, so that a round costs the same for ever.
  private static let movingRounds = 10
  /// Rounds between two verifications of everything, and exports.
  private static let thoroughRounds = 5
  /// So many first rounds, and a few of so many later ones, verify everything.
  private static let wholeVerifications = 20
  /// From so many rounds on every fault point must have been reached.
  private static let roundsForAllPoints = 20

  init(
    directory: String, server: String, clients: Int, rounds: Int, random: SeededGenerator,
    report: Report, storage: Storage
  ) {
    (self.directory, self.server, self.clients) = (directory, server, clients)
    (self.rounds, self.random, self.report, self.storage) = (rounds, random, report, storage)
  }

  private var data: String { directory + "/data" }
  private var operation: Operator {
    Operator(
      server: server, directory: directory,
      environment: ServerProcess.environment(data: data, storage.environment))
  }

  private func startServer(_ arguments: [String] = []) async throws -> ServerProcess {
    try await ServerProcess(
      server, directory: directory, data: data, arguments: arguments,
      environment: storage.environment)
  }

  mutating func run() async throws {
    let http = ChatClient.makeHTTP()
    do {
      let start = clock.now
      try await begin(http)
      for number in 1...rounds {
        try await round(number, http)
        if report.isQuiet, number % 10 == 0 || number == rounds {
          Report.line("round \(number) of \(rounds): \(summary) \(Self.seconds(clock.now - start))")
        }
      }
      try await finish(http)
    } catch {
      try? await http.shutdown()
      throw error
    }
    try await http.shutdown()
    try requireAllPoints()
  }

  /// Signs everybody up, undisturbed.
  private mutating func begin(_ http: HTTPClient) async throws {
    let process = try await startServer()
    let client = ChatClient(http: http, url: process.url)
    try await town.signUp(clients, with: client)
    try await process.stop()
  }

  private mutating func round(_ number: Int, _ http: HTTPClient) async throws {
    let start = clock.now
    let death = try await talkAndDie(number, http)
    let process = try await startServer()
    do {
      let client = ChatClient(http: http, url: process.url)
      try await town.settle(with: client)
      try await compare(number, client)
      try await end(process, number)
    } catch {
      process.send(SIGKILL)
      throw Loss("round \(number) (\(death)): \(error)")
    }
    if !report.isQuiet {
      Report.line("round \(number): \(death); \(summary) \(Self.seconds(clock.now - start))")
    }
  }

  /// Everybody talks to a server that dies; says how.
  private mutating func talkAndDie(_ number: Int, _ http: HTTPClient) async throws -> String {
    let point = number % 3 == 0 ? nil : nextPoint()
    let count = point.map { $0.rawValue.hasPrefix("flush") ? random.int(1...3) : 1 } ?? 0
    let patience = point == nil ? random.int(50...1500) : storage.isFaulty ? 5000 : 3000
    let weather =
      storage.isFaulty ? random.pick(point == nil ? Weather.allCases : Weather.mild) : .calm
    let randomOfStorm = SeededGenerator(seed: storage.isFaulty ? random.next() : 0)
    async let storm: Void = storage.storm(weather, random: randomOfStorm)
    var process: ServerProcess?
    do {
      process = try await startServer(
        point.map { ["--die-at", "\($0.rawValue):\(count)"] } ?? [])
    } catch is DiedAtStart where point != nil {
      // What the last round left in the buffer led there at once.
    }
    do {
      try await use(process, number, http, milliseconds: patience)
    } catch {
      process?.send(SIGKILL)
      throw Loss("round \(number), weather \(weather.rawValue): \(error)")
    }
    let diedByItself = process.map { $0.ended != nil } ?? true
    try await process?.killNow()
    try await storm
    try await storage.calm()
    let death = try noted(point, count, diedByItself, process?.ended, milliseconds: patience)
    return weather == .calm ? death : "\(death), weather: \(weather.rawValue)"
  }

  private mutating func use(
    _ process: ServerProcess?, _ number: Int, _ http: HTTPClient, milliseconds: Int
  ) async throws {
    guard let process else { return }
    let client = ChatClient(http: http, url: process.url)
    if (number - 1) % Self.movingRounds == 0 {
      // May meet the fault point already; then the round goes on with the old ones.
      try await open(client, process)
    }
    try await talk(client, process, milliseconds: milliseconds)
  }

  /// Counts how the server died, and says it.
  private mutating func noted(
    _ point: FaultPoint?, _ count: Int, _ diedByItself: Bool, _ end: ServerProcess.End?,
    milliseconds: Int
  ) throws -> String {
    guard let point else {
      guard !diedByItself || end?.wasKilled == true else {
        throw Loss("the server ended by itself; see server.log")
      }
      randomKills += 1
      return "killed after \(milliseconds) ms"
    }
    tries[point, default: 0] += 1
    guard diedByItself else { return "killed, as \(point.rawValue) was not reached" }
    guard end?.wasKilled ?? true else {
      throw Loss("the server ended by itself, and not at \(point.rawValue); see server.log")
    }
    hits[point, default: 0] += 1
    return "died at \(point.rawValue):\(count)"
  }

  /// People move on to new conversations.
  private mutating func open(_ client: ChatClient, _ process: ServerProcess) async throws {
    let lanes = town.lanes
    do {
      try await town.openConversations(6, with: client, ledger: ledger, random: &random)
    } catch {
      guard try await process.waitForEnd(within: 2).wasKilled else { throw error }
      if town.lanes.isEmpty { town.lanes = lanes }
    }
  }

  private mutating func talk(
    _ client: ChatClient, _ process: ServerProcess, milliseconds: Int
  ) async throws {
    let talking = Task { [town, patience = storage.patience] in
      var town = town
      try await town.talk(to: client, patience: patience)
      return town
    }
    let deadline = clock.now + .milliseconds(milliseconds)
    while process.ended == nil, clock.now < deadline {
      try await Task.sleep(for: .milliseconds(5))
    }
    if process.ended == nil { process.send(SIGKILL) }
    talking.cancel()
    town = try await talking.value
  }

  /// The point that was hit least, so that all get their turn.
  private func nextPoint() -> FaultPoint? {
    FaultPoint.allCases.min {
      (hits[$0, default: 0], tries[$0, default: 0]) < (hits[$1, default: 0], tries[$1, default: 0])
    }
  }

  // MARK: Comparing

  private mutating func compare(_ number: Int, _ client: ChatClient) async throws {
    var client = client
    client.token = town.people[0].token
    let audit = Audit(ledger: ledger, client: client)
    let present = Set(town.lanes.map(\.conversation))
    var chosen = town.conversations.filter(present.contains)
    // An old conversation must not change any more, whatever happens to the new ones.
    chosen.append(random.pick(town.conversations))
    for conversation in chosen {
      try await audit.check(conversation, pageLimit: random.int(20...200))
    }
    guard number % Self.thoroughRounds == 0 else { return }
    for conversation in chosen { try await operation.export(conversation, audit) }
    try await verify("beside the running server", number)
  }

  /// Ends the clean process in one of three ways, and verifies what it left in some rounds.
  private mutating func end(_ process: ServerProcess, _ number: Int) async throws {
    if random.oneIn(3) { try await process.killNow() } else { try await process.stop() }
    if number % Self.thoroughRounds == 2 { try await verify("with the server stopped", number) }
  }

  /// Verifies everything, or, in later rounds, mostly one conversation: the archive grows with the rounds.
  private func verify(_ when: String, _ number: Int = 0) async throws {
    let isPartial =
      number > Self.wholeVerifications && number % Self.wholeVerifications > Self.thoroughRounds
    try await operation.verify(
      when, conversation: isPartial ? town.lanes.first?.conversation : nil)
  }

  /// Everything once more: every conversation, read, exported and verified.
  private mutating func finish(_ http: HTTPClient) async throws {
    let process = try await startServer()
    do {
      let client = ChatClient(http: http, url: process.url, token: town.people[0].token)
      let audit = Audit(ledger: ledger, client: client)
      try await operation.flush()
      for conversation in town.conversations {
        try await audit.check(conversation, pageLimit: 200)
        try await operation.export(conversation, audit)
      }
      try await verify("at the end, beside the running server")
      try await operation.waitUntilTidy()
      try await process.stop()
    } catch {
      process.send(SIGKILL)
      throw error
    }
    try await verify("at the end")
    Report.line("crash: \(rounds) rounds, \(summary)")
  }

  private func requireAllPoints() throws {
    let points = FaultPoint.allCases.map { "\($0.rawValue) \(hits[$0, default: 0])" }
    Report.line(
      "killed at random \(randomKills) times, at fault points: " + points.joined(separator: ", "))
    let missed = FaultPoint.allCases.filter { hits[$0, default: 0] == 0 }
    if rounds >= Self.roundsForAllPoints, !missed.isEmpty {
      throw Loss("never reached: " + missed.map(\.rawValue).joined(separator: ", "))
    }
  }

  private var summary: String {
    "\(ledger.count) messages, \(ledger.acknowledgedCount) acknowledgements, "
      + "\(town.conversations.count) conversations"
  }

  private static func seconds(_ duration: Duration) -> String {
    duration.formatted(.units(allowed: [.minutes, .seconds, .milliseconds], maximumUnitCount: 2))
  }
}
