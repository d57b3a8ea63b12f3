// A disk that runs full, and gets room again.

import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// Fills a small tmpfs until sends are refused, makes room, and looks for what was lost.
struct FullDiskScenario {
  let directory: String
  let server: String
  let seed: UInt64

  private static let megabytes = 24
  private static let ballastBytes = 6 << 20

  func run() async throws {
    let mount = directory + "/disk"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    guard
      let isMounted = try? await CommandRun.run(
        "/bin/mount", ["-t", "tmpfs", "-o", "size=\(Self.megabytes)m", "tmpfs", mount],
        directory: directory, environment: [:]), isMounted.status == 0
    else {
      Report.line("full disk: SKIPPED, as a tmpfs cannot be mounted here (needs root)")
      return
    }
    do {
      try await fill(mount)
    } catch {
      Report.line("full disk: the tmpfs stays mounted at \(mount)")
      throw error
    }
    _ = try await CommandRun.run("/bin/umount", [mount], directory: directory, environment: [:])
  }

  private func fill(_ mount: String) async throws {
    for name in ["ballast1", "ballast2"] {
      try Data(count: Self.ballastBytes).write(to: URL(filePath: mount + "/" + name))
    }
    let siege = Siege(directory: directory, server: server, data: mount + "/data", seed: seed)
    try await siege.run { town, process, http in
      var process = process
      // First the server lives through it, then it dies with the disk full.
      for ballast in ["ballast1", "ballast2"] {
        let client = ChatClient(http: http, url: process.url)
        let refused = try await siege.talkUntilRefused(&town, client)
        try await siege.compare(town, client)
        if ballast == "ballast2" { try await process.killNow() }
        try FileManager.default.removeItem(atPath: mount + "/" + ballast)
        if ballast == "ballast2" { process = try await siege.start() }
        let after = ChatClient(http: http, url: process.url)
        try await town.settle(with: after, within: 60)
        try await siege.compare(town, after)
        Report.line(
          "full disk: \(refused) sends refused, "
            + (ballast == "ballast1"
              ? "works again without a restart" : "killed while full, whole again"))
      }
      return process
    }
  }
}
