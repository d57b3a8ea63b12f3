// The one clock of the transfer thread.

import Glibc

/// A moment on the monotonic clock; only differences mean anything. Sums are clamped, so no deadline overflows.
struct SteadyInstant: Comparable, Sendable {
  static let never = SteadyInstant(nanoseconds: .max)
  let nanoseconds: Int64

  static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  func adding(_ interval: Nanoseconds) -> SteadyInstant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(interval)
    return overflow ? .never : SteadyInstant(nanoseconds: sum)
  }

  /// Whole milliseconds from now until then, rounded up, within what libcurl takes.
  func milliseconds(after now: SteadyInstant) -> Int32 {
    guard self > now else { return 0 }
    let (gap, overflow) = nanoseconds.subtractingReportingOverflow(now.nanoseconds)
    return overflow ? .max : Int32(clamping: gap / 1_000_000 + 1)
  }
}

/// A length of time.
typealias Nanoseconds = Int64

extension Duration {
  /// Clamped to what fits, 292 years; never negative.
  var clampedNanoseconds: Nanoseconds {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? 0 : .max }
    let (sum, tooMuch) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    return tooMuch ? .max : max(0, sum)
  }
}

/// Real time. The transfer thread alone reads it: libcurl waits in real time, so a clock that one moves
/// would only disagree with it. What is decided with it, `DeadlineWatch`, takes instants as arguments.
enum SteadyClock {
  static func now() -> SteadyInstant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return SteadyInstant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}
