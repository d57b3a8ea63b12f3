// Pages of history per second, from the buffer and from the archive, beside the reads that they cannot do without.

import ArchiveCore
import ArgumentParser
import Foundation
import Gzip

/// `./dev bench history`.
struct HistoryBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Pages of 50 messages per second from buffer and archive.")

  @Option(help: "Messages in the conversation.") var messages = 20_000
  @Option(help: "Pages for each measurement.") var pages = 1000
  @Option(help: "Rounds; medians are reported.") var rounds = 5
  @Option(help: "Where to write.") var directory =
    FileManager.default.currentDirectoryPath
    + "/.build"

  func run() async throws {
    var measurement = Measurement(unit: "pages/s")
    let buffered = try await filled(cache: 64 << 20)
    let cached = try await filled(cache: 64 << 20)
    let uncached = try await filled(cache: 0)
    try await cached.log.flush(nil)
    try await uncached.log.flush(nil)
    let blocks = try await uncached.blocks().map { ($0.key, $0.range) }
    let limit = "read, gunzip and split one block of a file"
    for _ in 0..<rounds {
      measurement.add(limit, try await bare(uncached, blocks))
      measurement.add("archive, block fetched and decoded anew", try await read(uncached))
      measurement.add("archive, block in the cache", try await read(cached))
      measurement.add("buffer", try await read(buffered))
    }
    measurement.report(limit: limit)
    for archive in [buffered, cached, uncached] { try await archive.remove() }
  }

  private func filled(cache: Int) async throws -> BenchArchive {
    var settings = LogSettings()
    settings.cacheLimitBytes = cache
    let archive = try await BenchArchive(in: directory, settings: settings)
    try await archive.fill(messages, conversations: 1)
    return archive
  }

  private func read(_ archive: BenchArchive) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var random: UInt64 = 7
    for _ in 0..<pages {
      random = random &* 6_364_136_223_846_793_005 &+ 1
      let place = 51 + Int64(random >> 33) % Int64(messages - 51)
      let page = try await archive.log.messages(
        in: archive.conversation(0), at: .before(place), limit: 50)
      guard page.messages.count == 50 else { throw BenchError("a page is short") }
    }
    return rate(pages, in: start.duration(to: clock.now))
  }

  private func bare(_ archive: BenchArchive, _ blocks: [(ObjectKey, Range<Int64>)]) async throws
    -> Double
  {
    let clock = ContinuousClock()
    let start = clock.now
    for index in 0..<pages {
      let (key, range) = blocks[index % blocks.count]
      let file = try FileHandle(
        forReadingFrom: URL(fileURLWithPath: archive.directory + "/objects/\(key)"))
      try file.seek(toOffset: UInt64(range.lowerBound))
      let bytes = try file.read(upToCount: range.count) ?? Data()
      try file.close()
      let plain = try Gzip.firstMember(of: Array(bytes)[...], limitBytes: 1 << 30).plain
      guard plain.split(separator: UInt8(ascii: "\n")).count > 1 else {
        throw BenchError("a block is short")
      }
    }
    return rate(pages, in: start.duration(to: clock.now))
  }
}
