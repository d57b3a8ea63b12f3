// The MongoDB of a run, and what may be done to it.

import ArchiveTesting
import Foundation

/// A replica set that `scripts/services/mongo.sh` started, or somebody else's, which is left in peace.
///
/// One trouble at a time: who begins one lets it end with `heal`.
actor MongoServer {
  /// The port by which the script knows it; `nil` for a server that is not ours.
  nonisolated let port: Int?
  private let uri: String
  private let directory: String
  /// Processes that wait for SIGCONT.
  private var paused: [Int32] = []
  private var isWhole = true

  /// - Throws: where the environment names no server.
  init(port: Int?, directory: String) throws {
    guard let uri = ProcessInfo.processInfo.environment["ARCHIVE_MONGO_URI"] else {
      throw Loss("ARCHIVE_MONGO_URI must be set, as ./dev torture --engine mongo+s3 does")
    }
    (self.port, self.uri, self.directory) = (port, uri, directory)
  }

  /// What a server is told of a new database. A MongoDB that is away costs a send little.
  nonisolated func environment() -> [String: String] {
    [
      "ARCHIVE_MONGO_URI": uri,
      "ARCHIVE_MONGO_DATABASE":
        "torture_" + UUID().uuidString.replacing("-", with: "").prefix(16).lowercased(),
      "ARCHIVE_MONGO_OPERATIONTIMEOUT": "2s",
    ]
  }

  /// A process that is killed or paused leaves its open transaction behind, which keeps others from the same
  /// documents for a minute. Here it ends after two or three seconds, or the rounds would be spent waiting.
  func shortenTransactions() async throws {
    guard let port else { return }
    let count = try await processes().count
    let ports = (port..<(port + count)).map(String.init).joined(separator: ",")
    let run = try await CommandRun.run(
      "/usr/bin/env",
      [
        "python3", "-B", "scripts/services/mongo/command.py", ports,
        #"{"setParameter": 1, "transactionLifetimeLimitSeconds": 2}"#,
      ], directory: directory, environment: ProcessInfo.processInfo.environment)
    guard run.status == 0 else { throw Loss("setParameter ended with \(run.status): \(run.text)") }
  }

  /// Kills the primary, or the only member.
  func kill() async throws {
    isWhole = false
    try await script("kill-primary")
  }

  /// Stops one member for a while, or all of them; says which.
  func pause(random: inout SeededGenerator) async throws -> String {
    let members = try await processes()
    let isAll = members.count == 1 || random.oneIn(3)
    let number = random.int(0...members.count - 1)
    paused = isAll ? members : [members[number]]
    for id in paused { Foundation.kill(id, SIGSTOP) }
    return isAll ? "mongod" : "member \(number + 1) of mongod"
  }

  func stepDown() async throws { try await script("step-down") }

  /// Everything runs again, and there is a primary.
  func heal() async throws {
    resume()
    guard !isWhole else { return }
    try await script("start-killed")
    try await shortenTransactions()
    isWhole = true
  }

  func resume() {
    for id in paused { Foundation.kill(id, SIGCONT) }
    paused = []
  }

  private func processes() async throws -> [Int32] {
    let text = try await script("envs", "TORTURE")
    guard let line = text.split(separator: "\n").first(where: { $0.contains("TORTURE_PIDS=") })
    else { throw Loss("the script does not tell the processes of mongod") }
    let numbers = line.split(separator: "=").last?.split { " '".contains($0) } ?? []
    let ids = numbers.compactMap { Int32($0) }
    guard !ids.isEmpty, ids.allSatisfy({ $0 > 1 }) else {
      throw Loss("these are no processes: \(line)")
    }
    return ids
  }

  @discardableResult
  private func script(_ verb: String, _ more: String...) async throws -> String {
    guard let port else { throw Loss("this MongoDB is not ours to torture") }
    return try await ServiceScript.run("mongo", verb, port, more, directory: directory)
  }
}
