// Clients that read pages of 50 messages from the buffer.

import ArchiveCore

/// The newest page over and over, or older ones at random places.
struct PageLoad: Sendable {
  let isNewest: Bool
  let clients: Int
  let limit: Duration
  /// How many the conversation has.
  let messages: Int

  private static let pageSize = 50

  func run(on log: BenchLog) async throws -> String {
    // Reading needs no running log, and a log that begins to run would read the whole buffer first.
    try await readPage(log, .end)
    let gauge = Gauge()
    let end = ContinuousClock().now.advanced(by: limit)
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for client in 0..<clients {
        group.addTask { try await readPages(log, until: end, client: client) }
      }
      return try await group.reduce(0, +)
    }
    return gauge.line(count: count)
  }

  private func readPages(_ log: BenchLog, until end: ContinuousClock.Instant, client: Int)
    async throws -> Int
  {
    var (count, random) = (0, UInt64(client + 1))
    while ContinuousClock().now < end {
      // As bare.c and peer_pymongo.py have it.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let place = Int64(Self.pageSize + 1) + Int64(random >> 33) % Int64(messages - Self.pageSize)
      try await readPage(log, isNewest ? .end : .before(place))
      count += 1
    }
    return count
  }

  private func readPage(_ log: BenchLog, _ place: LogPlace) async throws {
    let page = try await log.log.messages(
      in: BenchLog.conversation(0), at: place, limit: Self.pageSize)
    guard page.messages.count == Self.pageSize else { throw BenchError("a page is short") }
  }
}
