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
      let bytes = try await fill(archive)
      archive.clock.advance(by: .seconds(60))
      let clock = ContinuousClock()
      let start = clock.now
      try await archive.log.archiveDue()
      let flushed = start.duration(to: clock.now)
      let plain = try await plainBlocks(archive)
      let again = clock.now
      for block in plain { _ = Gzip.member(of: block) }
      measurement.add(limit, rate(bytes, in: again.duration(to: clock.now)) / 1e6)
      measurement.add("flush: read, encode, put, commit, trim", rate(bytes, in: flushed) / 1e6)
      try await archive.remove()
    }
    measurement.report(limit: limit)
  }

  /// Bytes of all lines that were sent.
  private func fill(_ archive: BenchArchive) async throws -> Int {
    var texts = BenchTexts()
    let drafts = (0..<messages).map { _ in texts.next() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, text) in drafts.enumerated() {
        if index >= 256 { try await group.next() }
        group.addTask { try await archive.send(text, to: index % 10, clientID: "\(index)") }
      }
      try await group.waitForAll()
    }
    return archive.log.measurements.bufferedBytes
  }

  private func plainBlocks(_ archive: BenchArchive) async throws -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    for object in try await archive.objects.list(prefix: "", after: nil, limit: 1000) {
      let bytes = try await archive.objects.get(object.key, range: nil).bytes(limitBytes: 1 << 30)
      var offset = 0
      while offset < bytes.count {
        let member = try Gzip.firstMember(of: bytes[offset...], limitBytes: 1 << 30)
        blocks.append(member.plain)
        offset += member.length
      }
    }
    return blocks
  }
}
