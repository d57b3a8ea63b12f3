// Counting: never more than allowed, never less, in bounded memory.

import ArchiveCore
import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite struct RateTableTests {
  private static func key(_ number: Int) -> RateKey {
    RateKey(
      rule: .send,
      subject: .network(
        IPNetwork(IPAddress(high: 0x2001_0db8_0000_0000 | UInt64(number), low: 1), bits: 64)))
  }

  @Test("A15 so many at once, and then one for each part of the period")
  func burst() {
    var table = RateTable(limit: 100)
    let rate = Rate(4, per: .seconds(60))
    let key = Self.key(1)
    for left in [3, 2, 1, 0] {
      let outcome = table.admit([(key, rate)], at: .seconds(100))
      #expect(outcome.isAdmitted)
      #expect(outcome.standings.map(\.remaining) == [left])
    }
    let refused = table.admit([(key, rate)], at: .seconds(100))
    #expect(!refused.isAdmitted)
    #expect(refused.standings.first?.wait == .seconds(15))
    #expect(!table.admit([(key, rate)], at: .milliseconds(114_999)).isAdmitted)
    #expect(table.admit([(key, rate)], at: .seconds(115)).isAdmitted)
    #expect(!table.admit([(key, rate)], at: .seconds(115)).isAdmitted)
    let rested = table.admit([(key, rate)], at: .seconds(1000))
    #expect(rested.standings.first?.remaining == 3)
  }

  @Test("a refusal costs nothing, neither here nor at the other limits of the request")
  func refusalIsFree() {
    var table = RateTable(limit: 100)
    let (narrow, wide) = (Rate(1, per: .seconds(60)), Rate(5, per: .seconds(60)))
    let claims = [(Self.key(1), narrow), (Self.key(2), wide)]
    #expect(table.admit(claims, at: .zero).isAdmitted)
    for _ in 0..<10 {
      let outcome = table.admit(claims, at: .zero)
      #expect(!outcome.isAdmitted)
      #expect(outcome.standings.map(\.remaining) == [0, 4])
    }
  }

  /// A bucket with as many tokens as admissions are possible, counted in exact parts.
  private struct Bucket {
    /// In parts of which a token has `period` microseconds.
    var parts: Int64
    var at: Int64
  }

  @Test("A15 it admits exactly what a token bucket for each key admits")
  func likeTokenBuckets() {
    var random = SeededGenerator.fromEnvironment("RateTableTests.likeTokenBuckets")
    for _ in 0..<200 {
      // Periods that the count divides, so that both count in whole microseconds.
      let count = random.int(1...20)
      let rate = Rate(count, per: .milliseconds(Int64(count) * Int64(random.int(100...5000))))
      let interval = rate.period.wholeMilliseconds * 1000 / Int64(count)
      var table = RateTable(limit: 1000)
      var buckets: [Int: Bucket] = [:]
      var now: Int64 = 0
      for _ in 0..<300 {
        now += random.oneIn(3) ? Int64(random.int(0...3_000)) * 1000 : 0
        let number = random.int(1...5)
        var bucket = buckets[number] ?? Bucket(parts: interval * Int64(count), at: now)
        bucket.parts = min(interval * Int64(count), bucket.parts + now - bucket.at)
        bucket.at = now
        let hasToken = bucket.parts >= interval
        if hasToken { bucket.parts -= interval }
        buckets[number] = bucket
        let outcome = table.admit([(Self.key(number), rate)], at: .microseconds(now))
        #expect(outcome.isAdmitted == hasToken)
        #expect(outcome.standings.first?.remaining == Int(bucket.parts / interval))
      }
    }
  }

  @Test("A15 whoever waits as long as told is admitted, and not a millisecond earlier")
  func waitIsExact() {
    var random = SeededGenerator.fromEnvironment("RateTableTests.waitIsExact")
    for _ in 0..<2000 {
      let rate = Rate(
        random.int(1...1000), per: .milliseconds(Int64(random.int(1000...10_000_000))))
      var table = RateTable(limit: 10)
      var now = Duration.seconds(Int64(random.int(0...1_000_000)))
      var outcome = table.admit([(Self.key(1), rate)], at: now)
      while outcome.isAdmitted { outcome = table.admit([(Self.key(1), rate)], at: now) }
      // Uptimes are taken in whole milliseconds.
      let wait = outcome.standings[0].wait
      let whole = Duration.milliseconds((wait + .microseconds(999)).wholeMilliseconds)
      #expect(whole > .zero)
      if whole > .milliseconds(1) {
        #expect(!table.admit([(Self.key(1), rate)], at: now + whole - .milliseconds(1)).isAdmitted)
      }
      now += whole
      #expect(table.admit([(Self.key(1), rate)], at: now).isAdmitted)
    }
  }

  @Test(
    "A15 a million addresses take no more memory than the limit, and a regular is not forgotten")
  func boundedMemory() {
    var table = RateTable(limit: 1000)
    let rate = Rate(3, per: .seconds(3600))
    let regular = Self.key(0)
    var admitted = 0
    for number in 1...1_000_000 {
      _ = table.admit([(Self.key(number), rate)], at: .seconds(1))
      // Within half the limit of strangers it comes again.
      if number % 400 == 0, table.admit([(regular, rate)], at: .seconds(1)).isAdmitted {
        admitted += 1
      }
      if table.count > 1000 {
        Issue.record("the table grew to \(table.count)")
        return
      }
    }
    #expect(admitted == 3)
  }

  @Test("uptimes and rates at the ends of their range do no harm")
  func extremes() {
    var table = RateTable(limit: 0)
    for rate in [
      Rate(.max, per: .zero), Rate(.min, per: .seconds(Int64.max)), Rate(0, per: .seconds(-5)),
    ] {
      for uptime in [Duration.zero, .seconds(-1), .seconds(Int64.max), .nanoseconds(1)] {
        _ = table.admit([(Self.key(1), rate)], at: uptime)
      }
    }
    #expect(table.count <= 2)
  }
}
