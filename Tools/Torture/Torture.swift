// Kills and starves the real server, and looks for what it lost.

import ArchiveTesting
import ArgumentParser
import Foundation

/// `archive-torture`: one data directory lives through all rounds of a scenario.
@main
struct Torture: AsyncParsableCommand {
  enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case crash, disk, outage, nodes, soak, all
  }
  enum Engine: String, CaseIterable, ExpressibleByArgument {
    case directory, s3
    case mongo = "mongo+s3"
  }

  static let configuration = CommandConfiguration(
    commandName: "archive-torture",
    abstract: "Kill and starve a real server, and compare what it acknowledged with what it has.")

  @Option(help: "The archive-service program.") var server: String
  @Option(help: "Rounds of the crash or nodes scenario.") var rounds = 20
  @Option(help: "Repeats the choices of an earlier run (not its timing).") var seed: UInt64?
  @Option(help: "Clients at once.") var clients = 6
  @Option(help: "crash, disk, outage (of the object store), nodes, soak, or all but the last two.")
  var scenario = Scenario.all
  @Option(help: "Sockets of the soak.") var devices = 1000
  @Option(help: "Seconds of the soak.") var seconds = 600
  @Option(help: "How often the soak kills the server.") var kills = 2
  @Option(
    help: """
      Where things lie: directory; or s3, with objects in a bucket behind a proxy that lets requests \
      fail, which ARCHIVE_S3_… name; or mongo+s3, with documents in MongoDB, which ARCHIVE_MONGO_URI \
      names.
      """)
  var engine = Engine.directory
  @Option(help: "Servers on one MongoDB and one bucket; more than one with --engine mongo+s3.")
  var nodes = 1
  @Option(help: "The port of the gateway that scripts/services/s3.sh may kill and start again.")
  var gateway: Int?
  @Option(help: "The port by which scripts/services/mongo.sh may do the same to MongoDB.")
  var mongo: Int?
  @Option(help: "What requests to the bucket, or nodes, do not suffer, as named in the summary.")
  var without: [String] = []
  @Flag(help: "A line per ten rounds, as in a pipe.") var quiet = false

  func validate() throws {
    guard rounds > 0, (1...50).contains(clients) else {
      throw ValidationError("--rounds is at least 1, --clients 1 to 50")
    }
    guard (1...10_000).contains(devices), seconds > 0, (0...seconds).contains(kills) else {
      throw ValidationError("--devices 1 to 10000, --seconds at least 1, --kills at most --seconds")
    }
    guard scenario != .soak || engine == .directory else {
      throw ValidationError("--scenario soak is for --engine directory")
    }
    guard engine != .directory || scenario != .outage else {
      throw ValidationError("--scenario outage needs --engine s3 or mongo+s3")
    }
    guard (1...8).contains(nodes), engine == .mongo || nodes == 1 && scenario != .nodes else {
      throw ValidationError("--nodes, 1 to 8, needs --engine mongo+s3")
    }
    guard nodes == 1 || scenario == .all || scenario == .nodes else {
      throw ValidationError("with several --nodes there is one scenario, nodes")
    }
  }

  func run() async throws {
    let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
    Report.line("seed \(seed)")
    let report = Report(isQuiet: quiet || isatty(1) == 0)
    guard engine != .directory else {
      try await run(seed, nil, nil, report)
      return Report.line("nothing was lost")
    }
    try await inDirectory("bucket") { directory in
      let bucket = try await FaultyBucket(
        gateway: gateway, directory: directory, without: without)
      let database = engine == .mongo ? try MongoServer(port: mongo, directory: directory) : nil
      let result = await Result { try await run(seed, bucket, database, report) }
      Report.line(bucket.summary)
      await bucket.proxy.stop()
      try result.get()
    }
    Report.line("nothing was lost")
  }

  private func run(
    _ seed: UInt64, _ bucket: FaultyBucket?, _ database: MongoServer?, _ report: Report
  ) async throws {
    if let bucket, let database, nodes > 1 || scenario == .nodes {
      return try await inDirectory("nodes") { directory in
        var scenario = try await NodesScenario(
          directory: directory, server: server, nodes: nodes, clients: clients, rounds: rounds,
          random: SeededGenerator(seed: seed), report: report, mongo: database,
          storage: .part(of: bucket, database), without: without)
        try await scenario.run()
      }
    }
    if scenario == .crash || scenario == .all {
      try await inDirectory("crash") { directory in
        var crash = CrashScenario(
          directory: directory, server: server, clients: clients, rounds: rounds,
          random: SeededGenerator(seed: seed), report: report,
          storage: bucket.map { .part(of: $0, database) } ?? .directory)
        try await crash.run()
      }
    }
    if let bucket, scenario == .outage || scenario == .all {
      try await inDirectory("outage") { directory in
        try await OutageScenario(
          directory: directory, server: server, seed: seed, bucket: bucket,
          storage: .part(of: bucket, database)
        ).run()
      }
    }
    if scenario == .soak {
      try await inDirectory("soak") { directory in
        var soak = SoakScenario(
          directory: directory, server: server, devices: devices, seconds: seconds, kills: kills,
          random: SeededGenerator(seed: seed))
        try await soak.run()
      }
    }
    // A disk fails the same way wherever objects lie.
    if scenario == .disk || scenario == .all && bucket == nil { try await disks(seed) }
  }

  private func disks(_ seed: UInt64) async throws {
    try await inDirectory("full disk") { directory in
      try await FullDiskScenario(directory: directory, server: server, seed: seed).run()
    }
    try await inDirectory("failing disk") { directory in
      try await FailingDiskScenario(directory: directory, server: server, seed: seed).run()
    }
  }

  /// Runs a scenario in a directory of its own, which is kept when it fails.
  private func inDirectory(_ name: String, _ body: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "archive-torture-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    do {
      try await body(directory)
    } catch {
      if !(error is ExitCode) { Report.line("FAILED: \(name): \(error)") }
      Report.line("everything is kept in \(directory)")
      throw ExitCode(1)
    }
    try FileManager.default.removeItem(atPath: directory)
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// What the tool found wrong.
struct Loss: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Lines for people and for CI.
struct Report: Sendable {
  let isQuiet: Bool

  static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
