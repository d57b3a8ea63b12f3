// Everything the code takes from the world around it, as one value: time, sleep, randomness, ids.

/// Clock, sleep, randomness and ids, so that a test can move the clock and replay a seed.
///
/// The live value is made in the executable and in tools; `ArchiveTesting` has a manual one.
/// Nothing else in Sources reads a clock or a random source (`./dev check` refuses it).
public struct Surroundings: Sendable {
  /// Wall-clock time; may jump. Used for what people see and for expiry.
  public var now: @Sendable () -> Timestamp
  /// Monotonic time since some fixed moment; used for every wait and age.
  public var uptime: @Sendable () -> Duration
  /// Returns after the duration, or throws `CancellationError`.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// 64 bits fit for secrets.
  public var random: @Sendable () -> UInt64
  /// Called at each named step of a flush or compaction. Does nothing except under torture, where it may kill the process.
  public var reached: @Sendable (FaultPoint) async -> Void

  public init(
    now: @escaping @Sendable () -> Timestamp,
    uptime: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    random: @escaping @Sendable () -> UInt64,
    reached: @escaping @Sendable (FaultPoint) async -> Void = { _ in }
  ) {
    (self.now, self.uptime, self.sleep, self.random, self.reached) =
      (now, uptime, sleep, random, reached)
  }

  /// A new ULID of the present moment.
  public func newID() -> ULID {
    ULID(time: now(), random: (UInt16(truncatingIfNeeded: random()), random()))
  }

  /// That many random bytes.
  public func randomBytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      withUnsafeBytes(of: random()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
  }
}

/// A named step of background work at which a process may be killed without harm.
///
/// `./dev torture` walks all of them; the raw value is what its hidden flag takes.
public enum FaultPoint: String, CaseIterable, Sendable {
  case flushLeased, flushEncoded, flushPut, flushCommitted, flushTrimmed
  case compactionRead, compactionPut, compactionCommitted, sweepDeleted
  case snapshotPut, snapshotRecorded
}
