// Kills and starves the real server, and looks for what it lost.

import ArchiveTesting
import ArgumentParser
import Foundation

/// `archive-torture`: one data directory lives through all rounds of a scenario.
@main
struct Torture: AsyncParsableCommand {
  enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case crash, disk, all
  }

  static let configuration = CommandConfiguration(
    commandName: "archive-torture",
    abstract: "Kill and starve a real server, and compare what it acknowledged with what it has.")

  @Option(help: "The archive-service program.") var server: String
  @Option(help: "Rounds of the crash scenario.") var rounds = 20
  @Option(help: "Repeats the choices of an earlier run (not its timing).") var seed: UInt64?
  @Option(help: "Clients at once.") var clients = 6
  @Option(help: "crash, disk or all.") var scenario = Scenario.all
  @Flag(help: "A line per ten rounds, as in a pipe.") var quiet = false

  func validate() throws {
    guard rounds > 0, (1...50).contains(clients) else {
      throw ValidationError("--rounds is at least 1, --clients 1 to 50")
    }
  }

  func run() async throws {
    let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
    Report.line("seed \(seed)")
    let report = Report(isQuiet: quiet || isatty(1) == 0)
    if scenario != .disk {
      try await inDirectory("crash") { directory in
        var crash = CrashScenario(
          directory: directory, server: server, clients: clients, rounds: rounds,
          random: SeededGenerator(seed: seed), report: report)
        try await crash.run()
      }
    }
    if scenario != .crash {
      try await inDirectory("full disk") { directory in
        try await FullDiskScenario(directory: directory, server: server, seed: seed).run()
      }
      try await inDirectory("failing disk") { directory in
        try await FailingDiskScenario(directory: directory, server: server, seed: seed).run()
      }
    }
    Report.line("nothing was lost")
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
      Report.line("FAILED: \(name): \(error)")
      Report.line("everything is kept in \(directory)")
      throw ExitCode(1)
    }
    try FileManager.default.removeItem(atPath: directory)
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
