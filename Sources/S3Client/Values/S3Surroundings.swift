// What the client takes from the world: the time, waiting, and chance.

/// Clock, sleep and randomness, so that a test can move the clock and replay a seed.
public struct S3Surroundings: Sendable {
  /// Wall-clock time, for the date in signatures; may jump.
  public var now: @Sendable () -> S3Instant
  /// Returns after the duration, or throws `CancellationError`.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// 64 random bits, for the jitter of retries; need not be fit for secrets.
  public var random: @Sendable () -> UInt64

  public init(
    now: @escaping @Sendable () -> S3Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    random: @escaping @Sendable () -> UInt64
  ) {
    (self.now, self.sleep, self.random) = (now, sleep, random)
  }
}
