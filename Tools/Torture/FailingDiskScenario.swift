// A disk that answers with errors for a while.

import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// Lets fsync and write fail through a preloaded library, and looks for what was lost.
struct FailingDiskScenario {
  let directory: String
  let server: String
  let seed: UInt64

  private static let source = "scripts/torture/failing_io.c"
  private static let faults = ["EIO fsync", "EIO write", "ENOSPC write", "EIO write every 3"]

  func run() async throws {
    guard let library = try await compiled() else { return }
    let flag = directory + "/flag"
    let data = directory + "/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    let siege = Siege(
      directory: directory, server: server, data: data, seed: seed,
      environment: [
        "LD_PRELOAD": library, "FAILING_IO_DIRECTORY": data, "FAILING_IO_FLAG": flag,
      ])
    try await siege.run { town, process, http in
      var process = process
      for fault in Self.faults {
        try fault.write(toFile: flag, atomically: true, encoding: .utf8)
        let refused = try await siege.talkUntilRefused(
          &town, ChatClient(http: http, url: process.url))
        try FileManager.default.removeItem(atPath: flag)
        // What was acknowledged while the disk failed must be on it, not only in memory.
        try await process.killNow()
        process = try await siege.start()
        let client = ChatClient(http: http, url: process.url)
        try await town.settle(with: client)
        try await siege.compare(town, client)
        Report.line("failing disk: \(fault): \(refused) sends refused, whole again")
      }
      return process
    }
  }

  /// The library, or `nil` where it cannot be made here.
  private func compiled() async throws -> String? {
    let library = directory + "/failing_io.so"
    for compiler in ["cc", "clang"] {
      let run = try? await CommandRun.run(
        "/usr/bin/env", [compiler, "-shared", "-fPIC", "-O2", "-o", library, Self.source, "-ldl"],
        directory: directory, environment: ProcessInfo.processInfo.environment)
      if run?.status == 0 { return library }
    }
    guard FileManager.default.fileExists(atPath: Self.source) else {
      Report.line("failing disk: SKIPPED, as \(Self.source) is not in the present directory")
      return nil
    }
    throw Loss("\(Self.source) does not compile; see commands.log")
  }
}
