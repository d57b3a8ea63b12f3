// A disk that answers with errors for a while.

import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// Lets fsync and write fail through a preloaded library, and looks for what was lost.
struct FailingDiskScenario {
  let directory: String
  let server: String
  let seed: UInt64

  private static let faults = ["EIO fsync", "EIO write", "ENOSPC write", "EIO write every 3"]

  func run() async throws {
    guard let library = try await PreloadedLibrary.compile("failing_io", directory: directory)
    else { return }
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
}
