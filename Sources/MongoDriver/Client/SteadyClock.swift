// The one clock of the driver's threads.

import Glibc

/// A moment on the monotonic clock; only differences mean anything. Sums are clamped, so no deadline overflows.
struct SteadyInstant: Comparable, Sendable {
  static let never = SteadyInstant(nanoseconds: .max)
  let nanoseconds: UInt64

  static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  func adding(_ duration: Duration) -> SteadyInstant {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return self }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, tooMuch) = nanoseconds.addingReportingOverflow(whole)
    let (all, far) = sum.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
    return overflow || tooMuch || far ? .never : SteadyInstant(nanoseconds: all)
  }

  /// Whole milliseconds from that moment until this one, none when it has passed.
  func milliseconds(after now: SteadyInstant) -> Int64 {
    self > now ? Int64(clamping: (nanoseconds - now.nanoseconds) / 1_000_000) : 0
  }
}

/// Real time, which libmongoc lives in: a clock that one moves would only disagree with it.
enum SteadyClock {
  static func now() -> SteadyInstant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return SteadyInstant(
      nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
  }

  /// Blocks this thread, which is one of the driver's own.
  static func pause(_ duration: Duration) {
    SteadySignal().wait(until: now().adding(duration))
  }
}
