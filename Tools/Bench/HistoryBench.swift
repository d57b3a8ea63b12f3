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
    let blocks = try await archivedBlocks(uncached)
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
    var texts = BenchTexts()
    let drafts = (0..<messages).map { _ in texts.next() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, text) in drafts.enumerated() {
        if index >= 256 { try await group.next() }
        group.addTask { try await archive.send(text, to: 1) }
      }
      try await group.waitForAll()
    }
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
        in: archive.conversation(1), at: .before(place), limit: 50)
      guard page.messages.count == 50 else { throw BenchError("a page is short") }
    }
    return rate(pages, in: start.duration(to: clock.now))
  }

  /// Places of gzip members, found as any reader of the plain format would find them.
  private func archivedBlocks(_ archive: BenchArchive) async throws -> [(ObjectKey, Range<Int64>)] {
    var blocks: [(ObjectKey, Range<Int64>)] = []
    for object in try await archive.objects.list(prefix: "", after: nil, limit: 1000) {
      let bytes = try await archive.objects.get(object.key, range: nil).bytes(limitBytes: 1 << 30)
      var offset = 0
      while offset < bytes.count {
        let member = try Gzip.firstMember(of: bytes[offset...], limitBytes: 1 << 30)
        blocks.append((object.key, Int64(offset)..<Int64(offset + member.length)))
        offset += member.length
      }
    }
    return blocks
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
      guard plain.split(separator: UInt8(ascii: "\n")).count > 50 else {
        throw BenchError("a block is short")
      }
    }
    return rate(pages, in: start.duration(to: clock.now))
  }
}
