// Asks scripts/services to do something with a real server.

import Foundation

/// A verb of `scripts/services/NAME.sh` for the server on a port.
enum ServiceScript {
  /// Foundation takes a process for running as long as anybody holds a descriptor that it hands down. A server
  /// that is started in the background would hold it, so what starts it gets no descriptors but the usual.
  private static let closingDescriptors = #"""
    closed=""
    for descriptor in /proc/self/fd/*; do
      [ "${descriptor##*/}" -le 2 ] || closed+=" ${descriptor##*/}>&-"
    done
    eval 'bash "$@"'"$closed"
    """#

  /// Returns what it printed; its complaints go to `commands.log` in the directory.
  @discardableResult
  static func run(
    _ name: String, _ verb: String, _ port: Int, _ more: [String] = [], directory: String
  )
    async throws -> String
  {
    // Two scripts may run at a time, and each writes its output to a file.
    let output = directory + "/" + name
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    let run = try await CommandRun.run(
      "/bin/bash",
      ["-c", closingDescriptors, "bash", "scripts/services/\(name).sh", verb, "\(port)"] + more,
      directory: output, environment: ProcessInfo.processInfo.environment)
    guard run.status == 0 else {
      throw Loss("\(name) \(verb) ended with \(run.status); see \(output)/commands.log")
    }
    return run.text
  }
}
