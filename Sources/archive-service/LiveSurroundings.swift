// The real clock, sleep and randomness: the one place that touches them.

import ArchiveCore
import Foundation
import Synchronization

/// Makes the `Surroundings` of a running process.
enum LiveSurroundings {
  /// - Parameter death: under torture, where the process is to die.
  static func make(death: Death? = nil) -> Surroundings {
    let clock = ContinuousClock()
    let start = clock.now
    return Surroundings(
      now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
      uptime: { start.duration(to: clock.now) },
      sleep: { try await Task.sleep(for: $0, clock: clock) },
      random: {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
      },
      reached: { death?.reached($0) })
  }
}

/// Kills or stops the process without warning when it comes to a fault point for the n-th time.
///
/// Only the hidden flags `--die-at` and `--stop-at` make one. The mutex guards the count.
final class Death: Sendable {
  private let point: FaultPoint
  private let signal: Int32
  private let remaining: Mutex<Int>

  /// `flushPut:3`; `nil` for anything else.
  /// - Parameter signal: SIGKILL, or SIGSTOP for a process that somebody lets go on later.
  init?(_ text: String, signal: Int32) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard let name = parts.first, let point = FaultPoint(rawValue: String(name)),
      let count = parts.count == 2 ? Int(parts[1]) : 1, count > 0
    else { return nil }
    (self.point, self.signal) = (point, signal)
    remaining = Mutex(count)
  }

  func reached(_ point: FaultPoint) {
    guard point == self.point else { return }
    let isNow = remaining.withLock { remaining in
      remaining -= 1
      return remaining == 0
    }
    // A signal and not exit: no handler, no buffer, no lock is given a chance to tidy up.
    if isNow { kill(getpid(), signal) }
  }
}
