// The built archive-service, run as its users run it.

import Foundation
import Synchronization

/// What a finished command said.
struct CommandResult: Sendable {
  let status: Int32
  let output: String
  let errors: String
}

/// Runs the binary that lies beside the tests.
enum BuiltProgram {
  static var url: URL {
    let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appending(path: "archive-service")
  }

  /// A cheap password hash; and whoever signs up may talk to whoever else did.
  private static let forTests = [
    "ARCHIVE_AUTH_PASSWORDCOST": "4", "ARCHIVE_CONVERSATIONS_CUSTOMERSMAYMEET": "true",
  ]

  static func environment(_ settings: [String: String]) -> [String: String] {
    let others = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ARCHIVE_") }
    return others.merging(Self.forTests) { $1 }.merging(settings) { $1 }
  }

  /// Runs a command to its end.
  ///
  /// - Parameter isConfigured: that its arguments name the engines, whichever the tests use.
  static func run(
    _ arguments: [String], in scratch: ScratchDirectory, input: String = "",
    settings: [String: String] = [:], isConfigured: Bool = false, program: URL = url
  ) async throws -> CommandResult {
    let name = scratch.path + "/run-" + UUID().uuidString
    let inputFile = try scratch.file("input-" + UUID().uuidString, input)
    for path in [name + ".out", name + ".err"] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    try await SharedBucket.prepare()
    let engines = isConfigured ? [:] : scratch.engineVariables
    process.environment = environment(engines.merging(settings) { $1 })
    process.currentDirectoryURL = URL(filePath: scratch.path)
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inputFile))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: name + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: name + ".err"))
    let end = ProcessEnd()
    process.terminationHandler = { end.note($0) }
    try process.run()
    let status = await end.status
    return CommandResult(
      status: status, output: try String(contentsOfFile: name + ".out", encoding: .utf8),
      errors: try String(contentsOfFile: name + ".err", encoding: .utf8))
  }
}

/// The end of one process, to wait for; the stream keeps it for whoever comes late.
struct ProcessEnd: Sendable {
  private let stream: AsyncStream<Int32>
  private let continuation: AsyncStream<Int32>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func note(_ process: Process) {
    let wasKilled = process.terminationReason == .uncaughtSignal
    continuation.yield(wasKilled ? 128 + process.terminationStatus : process.terminationStatus)
    continuation.finish()
  }

  /// The exit code, or 128 and the signal. Once.
  var status: Int32 {
    get async {
      for await status in stream { return status }
      return -1
    }
  }
}

/// A server that runs until the test stops it, or lets go of it.
final class RunningServer: Sendable {
  let url: String
  private let process: Process
  private let end: ProcessEnd
  private let text: Mutex<String>

  /// Everything that it wrote to standard output.
  var output: String { text.withLock { $0 } }

  /// Returns when the server has said its line.
  ///
  /// - Parameters:
  ///   - config: a file that names its engines, whichever the tests use.
  ///   - port: 0 takes a free one.
  convenience init(
    _ scratch: ScratchDirectory, _ settings: [String: String] = [:], config: String? = nil,
    port: Int = 0
  ) async throws {
    let process = Process()
    process.executableURL = BuiltProgram.url
    process.arguments =
      ["serve", "--port", "\(port)"]
      + (config.map { ["--config", $0] } ?? ["--data", scratch.path + "/data"])
    try await SharedBucket.prepare()
    process.environment = BuiltProgram.environment(
      ["ARCHIVE_LOG_LEVEL": "warning"]
        .merging(config == nil ? scratch.engineVariables : [:]) { $1 }
        .merging(settings) { $1 })
    process.currentDirectoryURL = URL(filePath: scratch.path)
    try await self.init(starting: process)
  }

  /// Any program that says where it listens at the end of its first line.
  convenience init(starting process: Process) async throws {
    let pipe = Pipe()
    process.standardOutput = pipe
    let (chunks, continuation) = AsyncStream.makeStream(of: String.self)
    let end = ProcessEnd()
    process.terminationHandler = { ended in
      end.note(ended)
      continuation.finish()
    }
    try process.run()
    // A thread of its own: Foundation's handler of readable pipes has crashed in Dispatch when a pipe was let go.
    let reading = pipe.fileHandleForReading
    Thread.detachNewThread {
      while case let data = reading.availableData, !data.isEmpty {
        continuation.yield(String(decoding: data, as: UTF8.self))
      }
    }
    var text = ""
    for await chunk in chunks {
      text += chunk
      if text.contains("\n") { break }
    }
    self.init(process, end, text)
  }

  private init(_ process: Process, _ end: ProcessEnd, _ text: String) {
    (self.process, self.end) = (process, end)
    self.text = Mutex(text)
    url = text.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Sends a signal and waits for the exit code.
  func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
    send(signal)
    return await end.status
  }
}
