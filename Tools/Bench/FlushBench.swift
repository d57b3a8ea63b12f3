// Megabytes of lines archived per second, beside gzip of the same bytes in the same blocks.

import ArchiveCore
import ArgumentParser
import Foundation
import Gzip

/// `./dev bench flush`.
struct FlushBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flush", abstract: "MB/s of a whole flush against bare gzip of the same bytes.")

  @Option(help: "Messages, over ten conversations.") var messages = 40_000
  @Option(help: "Rounds; medians are reported.") var rounds = 5
  @Option(help: "Where to write.") var directory =
    FileManager.default.currentDirectoryPath
    + "/.build"

  func run() async throws {
    var measurement = Measurement(unit: "MB/s")
    let limit = "bare gzip of the same blocks"
    for _ in 0..<rounds {
      let archive = try await BenchArchive(in: directory, clock: BenchClock(isManual: true))
      try await archive.fill(messages, conversations: 10)
      let bytes = archive.log.measurements.bufferedBytes
      archive.clock.advance(by: .seconds(60))
      let clock = ContinuousClock()
      let start = clock.now
      try await archive.log.archiveDue()
      let flushed = start.duration(to: clock.now)
      let plain = try await archive.blocks().map(\.plain)
      let again = clock.now
      for block in plain { _ = Gzip.member(of: block) }
      measurement.add(limit, rate(bytes, in: again.duration(to: clock.now)) / 1e6)
      measurement.add("flush: read, encode, put, commit, trim", rate(bytes, in: flushed) / 1e6)
      try await archive.remove()
    }
    measurement.report(limit: limit)
  }
}
