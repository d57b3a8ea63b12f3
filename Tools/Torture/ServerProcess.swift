// The server as a process that can be killed.

import Foundation
import Synchronization

/// One run of `archive-service serve`. Ends only the process that it started.
final class ServerProcess: Sendable {
  /// How a process ended.
  struct End: Sendable {
    let wasKilled: Bool
    let status: Int32
  }

  /// Times so short that flushes, compactions and sweeps happen all the time.
  static let settings = [
    "ARCHIVE_HTTP_PORT": "0", "ARCHIVE_AUTH_PASSWORDCOST": "4",
    "ARCHIVE_AUTH_ACCESSTOKENLIFETIME": "12h", "ARCHIVE_ARCHIVE_IDLE": "200ms",
    "ARCHIVE_ARCHIVE_WINDOW": "100ms", "ARCHIVE_ARCHIVE_MAXAGE": "1s",
    "ARCHIVE_ARCHIVE_MAXBYTES": "64KiB", "ARCHIVE_ARCHIVE_SEGMENTBYTES": "16KiB",
    "ARCHIVE_ARCHIVE_COMPACTEDBYTES": "256KiB", "ARCHIVE_ARCHIVE_COMPACTIONPARTS": "4",
    "ARCHIVE_ARCHIVE_ORPHANGRACE": "1s", "ARCHIVE_ARCHIVE_LEASELIFETIME": "1s",
    "ARCHIVE_CONVERSATIONS_CUSTOMERSMAYMEET": "true", "ARCHIVE_LOG_LEVEL": "warning",
    // A whole town talks from one address, as fast as it can.
    "ARCHIVE_LIMITS_SIGNUPSPERADDRESS": "off", "ARCHIVE_LIMITS_SIGNINSPERADDRESS": "off",
    "ARCHIVE_LIMITS_SIGNINSPERACCOUNT": "off", "ARCHIVE_LIMITS_SENDSPERADDRESS": "off",
    "ARCHIVE_LIMITS_SENDSPERACCOUNT": "off",
  ]

  /// Longer than any lease lasts.
  private static let stallAtStart = Duration.seconds(4)

  let url: String
  private let process: Process
  private let ending: Ending

  /// Starts the server and returns when it is ready.
  ///
  /// Its log goes to `server.log` in `directory`; `data` is its data directory.
  init(
    _ program: String, directory: String, data: String, arguments: [String] = [],
    environment: [String: String] = [:]
  ) async throws {
    let output = directory + "/ready"
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = ["serve"] + arguments
    process.environment = Self.environment(data: data, environment)
    process.standardOutput = try Self.file(output, appending: false)
    process.standardError = try Self.file(directory + "/server.log", appending: true)
    let end = Ending()
    process.terminationHandler = { ended in
      end.set(
        End(wasKilled: ended.terminationReason == .uncaughtSignal, status: ended.terminationStatus))
    }
    try process.run()
    var address: String?
    for _ in 0..<3000 where address == nil {
      try await Task.sleep(for: .milliseconds(10))
      address = Self.readyAddress(output)
      if Self.isStopped(process.processIdentifier) {
        // It met the fault point where it is to stop already.
        try await Task.sleep(for: Self.stallAtStart)
        kill(process.processIdentifier, SIGCONT)
      }
      if let end = end.value {
        if end.wasKilled { throw DiedAtStart() }
        throw Loss("the server did not start: it ended with \(end.status); see server.log")
      }
    }
    guard let address else {
      kill(process.processIdentifier, SIGKILL)
      throw Loss("the server was not ready within 30 s; see server.log")
    }
    (url, self.process, ending) = (address, process, end)
  }

  static func environment(data: String, _ more: [String: String] = [:]) -> [String: String] {
    var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ARCHIVE_") }
    all.merge(settings) { $1 }
    all["ARCHIVE_DATA_DIRECTORY"] = data
    return all.merging(more) { $1 }
  }

  private static func readyAddress(_ path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n", omittingEmptySubsequences: false).first,
      text.contains("\n"), let address = line.split(separator: " ").last
    else { return nil }
    return String(address)
  }

  private static func file(_ path: String, appending: Bool) throws -> FileHandle {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let descriptor = open(path, flags, 0o600)
    guard descriptor >= 0 else { throw Loss("cannot write \(path)") }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// How it ended, or `nil` while it runs.
  var ended: End? { ending.value }

  /// Whether it waits for SIGCONT.
  var isStopped: Bool { ended == nil && Self.isStopped(process.processIdentifier) }

  private static func isStopped(_ id: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
      let state = text.split(separator: ")").last
    else { return false }
    return state.hasPrefix(" T")
  }

  /// What it occupies, in MiB; `nil` when it has ended.
  var residentMiB: Int? {
    let path = "/proc/\(process.processIdentifier)/statm"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { ($0 * sysconf(Int32(_SC_PAGESIZE))) >> 20 } : nil
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; after the deadline it is killed and that is a failure.
  func waitForEnd(within seconds: Int = 30) async throws -> End {
    for _ in 0..<(seconds * 100) {
      if let ended { return ended }
      try await Task.sleep(for: .milliseconds(10))
    }
    send(SIGKILL)
    throw Loss("the server did not end within \(seconds) s")
  }

  func killNow() async throws {
    if ended == nil { send(SIGKILL) }
    _ = try await waitForEnd()
  }

  /// Ends it as an operator would; it must exit 0.
  func stop() async throws {
    send(SIGTERM)
    let end = try await waitForEnd()
    guard !end.wasKilled, end.status == 0 else {
      throw Loss("after SIGTERM the server ended with \(end.status) and not 0; see server.log")
    }
  }
}

/// Where a process's end is noted. The mutex guards the one field.
private final class Ending: Sendable {
  private let end = Mutex<ServerProcess.End?>(nil)

  var value: ServerProcess.End? { end.withLock { $0 } }
  func set(_ value: ServerProcess.End) { end.withLock { $0 = value } }
}

/// The server met its fault point before it was ready.
struct DiedAtStart: Error {}
