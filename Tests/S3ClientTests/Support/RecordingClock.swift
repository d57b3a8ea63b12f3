// A clock that a test sets, and sleeps that return at once and are remembered.

import Synchronization

@testable import S3Client

/// Surroundings in which time passes only by sleeping; randomness is a list that repeats.
///
/// Every field is guarded by the one mutex.
final class RecordingClock: Sendable {
  private struct State {
    var now: S3Instant
    var slept: [Duration] = []
    var draws: [UInt64]
    var drawn = 0
  }

  private let state: Mutex<State>

  /// Starts at 2026-01-01T00:00:00Z. By default, every jitter is half of its limit.
  init(
    now: S3Instant = S3Instant(milliseconds: 1_767_225_600_000), draws: [UInt64] = [1 << 63]
  ) {
    state = Mutex(State(now: now, draws: draws))
  }

  var slept: [Duration] { state.withLock(\.slept) }

  var surroundings: S3Surroundings {
    S3Surroundings(
      now: { self.state.withLock(\.now) },
      sleep: { duration in
        try Task.checkCancellation()
        self.state.withLock { state in
          state.slept.append(duration)
          state.now = state.now.advanced(by: duration)
        }
      },
      random: {
        self.state.withLock { state in
          state.drawn += 1
          return state.draws[(state.drawn - 1) % state.draws.count]
        }
      })
  }
}
