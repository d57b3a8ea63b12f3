// A moment as S3 speaks of it: in signatures, headers and lists.

import Encodings

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct S3Instant: Hashable, Comparable, Sendable {
  /// The range that has a four-digit year: 0000-01-01 up to 9999-12-31T23:59:59.999Z.
  public static let representable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  public let milliseconds: Int64

  /// A time outside `representable` is moved to its nearest end.
  public init(milliseconds: Int64) {
    self.milliseconds = min(
      max(milliseconds, Self.representable.lowerBound), Self.representable.upperBound)
  }

  public static func < (left: S3Instant, right: S3Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// How long after `earlier` this is; negative when it is before.
  public func since(_ earlier: S3Instant) -> Duration {
    .milliseconds(milliseconds - earlier.milliseconds)
  }

  /// That much later; the ends of `representable` are not passed.
  public func advanced(by duration: Duration) -> S3Instant {
    let (seconds, attoseconds) = duration.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (span, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    let (sum, passed) = milliseconds.addingReportingOverflow(span)
    guard !overflow, !carried, !passed else {
      return S3Instant(milliseconds: duration < .zero ? .min : .max)
    }
    return S3Instant(milliseconds: sum)
  }
}

extension S3Instant {
  /// `20130524T000000Z`, as signatures carry it.
  public var amzDate: String {
    let (days, second) = daysAndSeconds
    var text: [UInt8] = []
    text.reserveCapacity(16)
    text.append(date: CivilDate(daysSinceEpoch: days))
    text.append(UInt8(ascii: "T"))
    for part in [second / 3600, second / 60 % 60, second % 60] { text.append(part, digits: 2) }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// `20130524`, the day of a signing key's scope.
  public var day: String {
    var text: [UInt8] = []
    text.append(date: CivilDate(daysSinceEpoch: daysAndSeconds.days))
    return String(decoding: text, as: UTF8.self)
  }

  private var daysAndSeconds: (days: Int64, second: Int64) {
    // Rounded down, not towards zero: a moment before 1970 belongs to the day it lies in.
    var second = milliseconds / 1000
    if milliseconds % 1000 < 0 { second -= 1 }
    var days = second / 86_400
    if second % 86_400 < 0 { days -= 1 }
    return (days, second - days * 86_400)
  }

  /// A moment of the calendar; `nil` where there is no such date or time. `second` may be 60, a leap second.
  init?(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, millisecond: Int = 0
  ) {
    guard (0...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= CivilDate.daysIn(month: Int64(month), of: Int64(year)),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
      (0...999).contains(millisecond)
    else { return nil }
    let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
    let seconds = date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    self.init(milliseconds: seconds * 1000 + Int64(millisecond))
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ number: Int64, digits: Int) {
    var divisor: Int64 = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  fileprivate mutating func append(date: CivilDate) {
    append(date.year, digits: 4)
    append(date.month, digits: 2)
    append(date.day, digits: 2)
  }
}
