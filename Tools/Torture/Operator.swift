// What an operator does with the commands of `archive-service`, beside a server or without one.

import Foundation

/// Verifies, exports and flushes one archive.
struct Operator: Sendable {
  let server: String
  /// Where output and errors go.
  let directory: String
  let environment: [String: String]

  /// What is retired is swept after a second; there may be much of it.
  private static let tidyingSeconds = 60

  /// What `verify --json` says.
  struct Verified: Decodable {
    let bufferedEntries: Int
    let orphans: [String]
  }

  /// Checks everything, or one conversation; throws unless all is well.
  func verify(_ when: String, conversation: String? = nil) async throws {
    let run = try await run(["verify"] + (conversation.map { ["--conversation", $0] } ?? []))
    guard run.status == 0 else {
      throw Loss("verify \(when) ended with \(run.status):\n\(run.text)")
    }
  }

  /// Exports a conversation and holds it against the ledger.
  func export(_ conversation: String, _ audit: Audit) async throws {
    let file = directory + "/export.jsonl"
    let run = try await run(["export", "--conversation", conversation, "-o", file])
    guard run.status == 0 else { throw Loss("export ended with \(run.status); see commands.log") }
    try audit.check(export: file, of: conversation)
  }

  /// Archives everything that waits.
  func flush() async throws {
    let run = try await run(["flush"])
    guard run.status == 0 else { throw Loss("flush ended with \(run.status); see commands.log") }
  }

  /// Nothing may be left in the buffer, and the server sweeps what nothing refers to.
  func waitUntilTidy() async throws {
    var report = ""
    for _ in 0..<Self.tidyingSeconds {
      report = try await run(["verify", "--json"]).text
      let found = try JSONDecoder().decode(Verified.self, from: Data(report.utf8))
      guard found.bufferedEntries == 0 else {
        throw Loss("\(found.bufferedEntries) entries are not archived after a flush of everything")
      }
      if found.orphans.isEmpty { return }
      try await Task.sleep(for: .seconds(1))
    }
    throw Loss("objects that nothing refers to are not swept:\n\(report)")
  }

  private func run(_ arguments: [String]) async throws -> CommandRun {
    try await CommandRun.run(server, arguments, directory: directory, environment: environment)
  }
}
