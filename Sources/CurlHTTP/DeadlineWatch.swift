// Decides whether a transfer has waited too long.

/// The deadlines of one transfer: a pure machine, told what happens and when, asked from time to time.
///
/// Stall is measured from samples: a window begins anew whenever `stallBytes` have moved since its beginning,
/// or when it is our own turn (a full buffer, an empty source). Samples come every quarter of the window, so a
/// deadline is never early and at most a quarter late.
struct DeadlineWatch {
  /// Which deadline passed.
  enum Deadline: String { case connect, firstByte = "first byte", stall, total }

  enum Verdict: Equatable {
    /// Ask again at this moment, or sooner.
    case inTime(next: SteadyInstant)
    case passed(Deadline)
  }

  private enum Phase {
    case queued, connecting(until: SteadyInstant), sending, waiting(until: SteadyInstant), receiving
  }

  private let limits: CurlDeadlines
  private let uploadBytes: Int64
  private let total: SteadyInstant
  private var phase = Phase.queued
  private var windowBegan: SteadyInstant
  private var windowBytes: Int64 = 0

  /// - Parameter calledAt: when the caller asked; `total` counts from here, waiting for a connection included.
  init(_ limits: CurlDeadlines, uploadBytes: Int64, calledAt: SteadyInstant) {
    (self.limits, self.uploadBytes, windowBegan) = (limits, uploadBytes, calledAt)
    total = limits.total.map { calledAt.adding($0.clampedNanoseconds) } ?? .never
  }

  /// libcurl begins to look for a connection.
  mutating func connecting(at now: SteadyInstant) {
    phase = .connecting(until: now.adding(limits.connect.clampedNanoseconds))
  }

  /// A connection stands, new or used; the request goes out. Again where libcurl repeats on a fresh connection.
  mutating func connected(at now: SteadyInstant) {
    beginWindow(at: now)
    phase = uploadBytes > 0 ? .sending : waiting(since: now)
  }

  /// The first line of an answer is there.
  mutating func answerBegan(at now: SteadyInstant) {
    beginWindow(at: now)
    phase = .receiving
  }

  /// That was only a `1xx`: the answer proper is still to begin.
  mutating func answerWasProvisional(at now: SteadyInstant) { connected(at: now) }

  /// It was our turn until now.
  mutating func resumed(at now: SteadyInstant) { beginWindow(at: now) }

  /// - Parameters:
  ///   - uploaded: bytes of the body that the system took so far.
  ///   - downloaded: bytes of head and body that came so far.
  ///   - isOurTurn: the peer waits for us now.
  mutating func check(
    at now: SteadyInstant, uploaded: Int64, downloaded: Int64, isOurTurn: Bool
  ) -> Verdict {
    if now >= total { return .passed(.total) }
    if case .sending = phase, uploaded >= uploadBytes { phase = waiting(since: now) }
    switch phase {
    case .queued: return .inTime(next: total)
    case .connecting(let until): return verdict(.connect, until: until, at: now)
    case .waiting(let until): return verdict(.firstByte, until: until, at: now)
    case .sending, .receiving:
      return checkWindow(at: now, moved: uploaded &+ downloaded, isOurTurn: isOurTurn)
    }
  }

  /// When to ask again at the latest, after something happened.
  func nextCheck(after now: SteadyInstant) -> SteadyInstant {
    switch phase {
    case .queued: total
    case .connecting(let until), .waiting(let until): min(until, total)
    case .sending, .receiving: min(now.adding(sampleInterval), total)
    }
  }

  private var sampleInterval: Nanoseconds {
    let shortest = min(limits.stall.clampedNanoseconds, limits.firstByte.clampedNanoseconds)
    return max(1_000_000, shortest / 4)
  }

  private func waiting(since now: SteadyInstant) -> Phase {
    .waiting(until: now.adding(limits.firstByte.clampedNanoseconds))
  }

  private func verdict(_ deadline: Deadline, until: SteadyInstant, at now: SteadyInstant) -> Verdict
  {
    now >= until ? .passed(deadline) : .inTime(next: nextCheck(after: now))
  }

  private mutating func checkWindow(
    at now: SteadyInstant, moved: Int64, isOurTurn: Bool
  ) -> Verdict {
    if isOurTurn || moved &- windowBytes >= Int64(clamping: max(1, limits.stallBytes)) {
      windowBytes = moved
      beginWindow(at: now)
    }
    if now >= windowBegan.adding(limits.stall.clampedNanoseconds) { return .passed(.stall) }
    return .inTime(next: nextCheck(after: now))
  }

  private mutating func beginWindow(at now: SteadyInstant) { windowBegan = now }
}
