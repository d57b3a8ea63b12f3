// How long to wait before something that failed is tried again.

extension Surroundings {
  /// Doubles from a second, with up to half of it taken off at random so that nodes do not come back together.
  package func backoff(after failures: Int, atMost longest: Duration) -> Duration {
    let whole = min(longest, .seconds(1) * (1 << min(max(failures - 1, 0), 6)))
    return whole - whole * Double(random() % 512) / 1024
  }
}
