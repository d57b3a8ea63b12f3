// One node of a deployment: a server with a directory, a port and a wall clock of its own.

import ArchiveTesting
import Foundation

/// A node that is killed, paused and started again. One trouble at a time.
actor Node {
  nonisolated let number: Int
  private let server: String
  private let directory: String
  private let environment: [String: String]
  private let doors: Doors
  private let clock: ShiftedClock?
  private var process: ServerProcess?
  /// Whether its end is no news, because it was started so as to die.
  private var mayDie = false

  /// - Parameter environment: what all nodes of the deployment share.
  init(
    _ number: Int, server: String, directory: String, environment: [String: String],
    clock library: String?, doors: Doors
  ) throws {
    self.number = number
    (self.server, self.directory, self.doors) = (server, directory, doors)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    clock = try library.map { try ShiftedClock(library: $0, file: directory + "/clock") }
    self.environment = environment.merging(clock?.environment ?? [:]) { $1 }
  }

  nonisolated var name: String { "node \(number + 1)" }
  nonisolated var canShiftClock: Bool { clock != nil }

  /// Starts it where it does not run, and lets it go on where it is paused.
  func heal() async throws {
    process?.send(SIGCONT)
    if let end = process?.ended, !mayDie {
      throw Loss("\(name) ended by itself with \(end.status); see its server.log")
    }
    if process == nil || process?.ended != nil { try await start([]) }
  }

  /// Starts it anew so that it dies, or stops, at a fault point; it may do so at once.
  func restart(_ arguments: [String]) async throws {
    try await kill()
    mayDie = true
    do { try await start(arguments) } catch is DiedAtStart {}
  }

  private func start(_ arguments: [String]) async throws {
    if arguments.isEmpty { mayDie = false }
    let process = try await ServerProcess(
      server, directory: directory, data: directory + "/data", arguments: arguments,
      environment: environment)
    self.process = process
    doors.set(process.url, at: number)
  }

  func kill() async throws {
    try await process?.killNow()
    process = nil
  }

  /// Ends it as an operator would.
  func stop() async throws {
    try await process?.stop()
    process = nil
  }

  /// Starts it anew, which gives back what it holds; one that was started so as to die stays as it is.
  func giveLeaseBack() async throws {
    if mayDie { return }
    try await stop()
    try await heal()
  }

  func pause() { process?.send(SIGSTOP) }
  func resume() { process?.send(SIGCONT) }

  /// Waits for its end, or for its stop; false where neither came.
  func waitUntilQuiet(milliseconds: Int) async throws -> Bool {
    for _ in 0..<(milliseconds / 20) {
      guard let process else { return true }
      if process.ended != nil || process.isStopped { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return false
  }

  /// Lets its wall clock jump, so that it is so many seconds ahead.
  func setClock(ahead seconds: Int) throws { try clock?.set(ahead: seconds) }
}
