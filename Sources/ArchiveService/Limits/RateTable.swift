// Counts who did what how often: a pure machine on uptimes, with bounded memory.

import ArchiveCore

/// What is limited, for whom.
struct RateKey: Hashable, Sendable {
  let rule: RateRule
  let subject: RateSubject
}

/// How a subject stands towards one limit.
struct RateStanding: Sendable, Hashable {
  let key: RateKey
  let rate: Rate
  /// How many more are possible at once.
  let remaining: Int
  /// Until there is one more (where there is none) or all are (where there are some).
  let wait: Duration
}

/// The Generic Cell Rate Algorithm (ITU-T I.371), which is a token bucket with one number for each
/// key: the moment at which its bucket is full again.
///
/// A key whose moment has passed is as good as unknown, so forgetting it costs nothing. Keys are
/// kept in two generations of half the limit: what is used moves to the young one; when that is
/// full, it becomes the old one, and the old one is forgotten. So no key is forgotten before half
/// the limit of others was seen since, and nothing is ever searched or sorted.
///
/// Of one key, any span of time sees at most `count` admissions and one more for each `period / count` in it.
struct RateTable: Sendable {
  /// Uptime in microseconds at which the bucket is full again.
  private typealias Moments = [RateKey: Int64]

  private var young: Moments = [:]
  private var old: Moments = [:]
  private let generationLimit: Int

  init(limit: Int) { generationLimit = max(1, limit / 2) }

  /// Never more than the limit.
  var count: Int { young.count + old.count }

  /// Takes one from the bucket of each claim, or from none where one of them is empty.
  mutating func admit(_ claims: [(key: RateKey, rate: Rate)], at uptime: Duration)
    -> (isAdmitted: Bool, standings: [RateStanding])
  {
    let now = Self.microseconds(uptime)
    var standings: [RateStanding] = []
    var taken: [(key: RateKey, moment: Int64)] = []
    for (key, rate) in claims {
      let bucket = Bucket(rate)
      let full = max(moment(key) ?? now, now)
      let after = full + bucket.interval
      let isAdmitted = after - now <= bucket.tolerance
      if isAdmitted { taken.append((key, after)) }
      standings.append(bucket.standing(key, full: isAdmitted ? after : full, now: now))
    }
    guard taken.count == claims.count else {
      // Nothing is taken: what is left of the others is as before. But who goes on asking stays known.
      for (key, _) in claims { if let moment = moment(key) { remember(key, moment) } }
      return (false, claims.map { standing($0.key, $0.rate, now) })
    }
    for (key, moment) in taken { remember(key, moment) }
    return (true, standings)
  }

  private func standing(_ key: RateKey, _ rate: Rate, _ now: Int64) -> RateStanding {
    Bucket(rate).standing(key, full: max(moment(key) ?? now, now), now: now)
  }

  private func moment(_ key: RateKey) -> Int64? { young[key] ?? old[key] }

  private mutating func remember(_ key: RateKey, _ moment: Int64) {
    if young[key] == nil, young.count >= generationLimit {
      old = young
      young = [:]
    }
    young[key] = moment
    old[key] = nil
  }

  /// Saturates far beyond any uptime, so that sums of two cannot overflow.
  private static func microseconds(_ duration: Duration) -> Int64 {
    let limit = Int64.max / 4
    let milliseconds = duration.wholeMilliseconds
    return milliseconds > limit / 1000 ? limit : max(milliseconds, 0) * 1000
  }

  /// A rate in whole microseconds.
  private struct Bucket {
    let rate: Rate
    /// Between two that are spread evenly; at least 1.
    let interval: Int64
    /// A bucket that needs that long to be full again is empty.
    let tolerance: Int64

    init(_ rate: Rate) {
      self.rate = rate
      interval = max(1, RateTable.microseconds(rate.period) / Int64(rate.count))
      tolerance = interval * Int64(rate.count)
    }

    func standing(_ key: RateKey, full: Int64, now: Int64) -> RateStanding {
      let remaining = max(0, tolerance - (full - now)) / interval
      let wait = remaining == 0 ? full + interval - tolerance - now : full - now
      return RateStanding(
        key: key, rate: rate, remaining: Int(remaining), wait: .microseconds(max(0, wait)))
    }
  }
}
