// Runs a program to its end.

import Foundation

/// One finished command of `archive-service`, or of anything else.
struct CommandRun: Sendable {
  let status: Int32
  /// Where its output was written.
  let output: String

  var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

  /// Output goes to `output.txt` in the directory, errors to `commands.log`.
  static func run(
    _ program: String, _ arguments: [String], directory: String, environment: [String: String]
  ) async throws -> CommandRun {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment
    let output = directory + "/output.txt"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    let errors = directory + "/commands.log"
    if !FileManager.default.fileExists(atPath: errors) {
      _ = FileManager.default.createFile(atPath: errors, contents: nil)
    }
    let (outputFile, errorFile) = (
      try FileHandle(forWritingTo: URL(filePath: output)),
      try FileHandle(forWritingTo: URL(filePath: errors))
    )
    defer {
      try? outputFile.close()
      try? errorFile.close()
    }
    try errorFile.seekToEnd()
    process.standardOutput = outputFile
    process.standardError = errorFile
    process.standardInput = FileHandle.nullDevice
    let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { ended in
      continuation.yield(ended.terminationStatus)
      continuation.finish()
    }
    try process.run()
    var status: Int32 = -1
    for await end in ends { status = end }
    return CommandRun(status: status, output: output)
  }
}
