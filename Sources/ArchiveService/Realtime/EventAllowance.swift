// How many events a socket may send: one number.

import ArchiveCore

/// A token bucket as the moment at which it is full again (Generic Cell Rate Algorithm, as in `RateTable`).
struct EventAllowance: Sendable {
  private var fullAt = Duration.zero

  /// Takes one where there is one. After a burst of `burst`, one more each second divided by `perSecond`.
  mutating func take(perSecond: Int, burst: Int, at uptime: Duration) -> Bool {
    let interval = Duration.seconds(1) / max(1, perSecond)
    let after = max(fullAt, uptime) + interval
    guard after - uptime <= interval * max(1, burst) else { return false }
    fullAt = after
    return true
  }
}
