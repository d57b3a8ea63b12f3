// When a trouble is worth telling.

/// Tells a trouble that lasts from one that passes. Pure: it is handed the time.
struct LastingTrouble: Sendable {
  private let after: Duration
  private var since: Duration?

  /// - Parameter after: how long it must last.
  init(after: Duration) { self.after = after }

  /// Notes what a look found; how long it has lasted, once that is long enough.
  mutating func note(_ isThere: Bool, at now: Duration) -> Duration? {
    guard isThere else {
      since = nil
      return nil
    }
    let start = since ?? now
    since = start
    return now - start >= after ? now - start : nil
  }
}
