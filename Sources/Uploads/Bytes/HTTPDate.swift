// Moments as HTTP writes them.

import Encodings

/// A moment to the second, and its text in header fields (RFC 9110, 5.6.7): `Sat, 21 Nov 2026 10:52:00 GMT`.
package struct HTTPDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  package let secondsSinceEpoch: Int64

  /// What has no year of four digits, or is before 1970, is moved to the nearest end.
  package init(secondsSinceEpoch seconds: Int64) {
    secondsSinceEpoch = min(max(seconds, 0), 253_402_300_799)
  }

  /// Reads the one form that is written today; the two of old are `nil`, and a condition with them is as if not there.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 29, let day = ASCII.number(bytes[5..<7]),
      let year = ASCII.number(bytes[12..<16]),
      let hour = ASCII.number(bytes[17..<19]), let minute = ASCII.number(bytes[20..<22]),
      let second = ASCII.number(bytes[23..<25]),
      let month = Self.months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
      hour < 24, minute < 60, second < 61, day >= 1,
      day <= CivilDate.daysIn(month: Int64(month) + 1, of: year)
    else { return nil }
    let date = CivilDate(year: year, month: Int64(month) + 1, day: day)
    self.init(secondsSinceEpoch: date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second)
    // Separators, the day's name and a leap second are checked by writing it.
    guard description == text else { return nil }
  }

  package static func < (left: HTTPDate, right: HTTPDate) -> Bool {
    left.secondsSinceEpoch < right.secondsSinceEpoch
  }

  package var description: String {
    let day = secondsSinceEpoch / 86_400
    let date = CivilDate(daysSinceEpoch: day)
    let rest = secondsSinceEpoch % 86_400
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let year = String(repeating: "0", count: max(0, 4 - "\(date.year)".count)) + "\(date.year)"
    return
      "\(Self.days[Int(day % 7)]), \(two(date.day)) \(Self.months[Int(date.month - 1)]) \(year) "
      + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
  }
}
