// A moment in wall-clock time, to the millisecond, and its one textual form.

internal import Encodings

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The text is RFC 3339 in UTC with exactly three decimals, so that texts sort as moments do.
/// Every arithmetic saturates: a time from the network or from disk cannot trap the process.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// The range that has a four-digit year: 0000-01-01 up to 9999-12-31T23:59:59.999Z.
  public static let representable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  public let milliseconds: Int64

  /// A time outside `representable` is moved to its nearest end.
  public init(milliseconds: Int64) {
    self.milliseconds = min(
      max(milliseconds, Self.representable.lowerBound), Self.representable.upperBound)
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  public func advanced(by duration: Duration) -> Timestamp {
    let (sum, overflow) = milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
    if overflow { return Timestamp(milliseconds: duration < .zero ? .min : .max) }
    return Timestamp(milliseconds: sum)
  }

  /// How long after `earlier` this is; negative when it is before.
  public func since(_ earlier: Timestamp) -> Duration {
    .milliseconds(milliseconds - earlier.milliseconds)
  }
}

extension Duration {
  /// Whole milliseconds, rounded towards zero and kept inside `Int64`.
  public var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }
}

extension Timestamp: CustomStringConvertible {
  /// `2026-11-21T10:52:00.123Z`.
  public var description: String {
    let days = Int64((Double(milliseconds) / 86_400_000).rounded(.down))
    let date = CivilDate(daysSinceEpoch: days)
    var rest = milliseconds - days * 86_400_000
    let fraction = rest % 1000
    rest /= 1000
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
      + "T\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
      + ".\(padded(fraction, 3))Z"
  }

  /// `2026/11/21`, as object keys name a day.
  public var datePath: String {
    let text = description
    return String(text.prefix(10)).replacing("-", with: "/")
  }

  /// Reads exactly the form that `description` writes; anything else is `nil`.
  public init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8)[...]) }

  /// The same from bytes of a text.
  init?(utf8: ArraySlice<UInt8>) {
    let bytes = Array(utf8)
    guard bytes.count == 24, bytes[23] == UInt8(ascii: "Z") else { return nil }
    for (index, separator) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, ".")]
    where bytes[index] != separator.utf8.first { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
      let day = number(8..<10), day >= 1, day <= CivilDate.daysIn(month: month, of: year),
      let hour = number(11..<13), hour < 24, let minute = number(14..<16), minute < 60,
      let second = number(17..<19), second < 60, let fraction = number(20..<23)
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    self.init(milliseconds: seconds * 1000 + fraction)
  }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an RFC 3339 time in UTC with milliseconds")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
