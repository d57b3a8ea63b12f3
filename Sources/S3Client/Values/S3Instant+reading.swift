// The texts from which S3 servers let a moment be read.

extension S3Instant {
  /// An HTTP date in any of the three forms of RFC 9110, section 5.6.7; anything else is `nil`.
  ///
  /// The two-digit year of the oldest but one form is taken as 1970 to 2069: no server that speaks S3 means another.
  public init?(httpDate text: String) {
    guard text.utf8.count <= 40 else { return nil }
    let readers = [Self.fixedDate, Self.rfc850Date, Self.asctimeDate]
    for read in readers {
      var scanner = DateScanner(text)
      if let instant = read(&scanner), scanner.isAtEnd {
        self = instant
        return
      }
    }
    return nil
  }

  /// `2009-10-12T17:50:30.000Z` as lists give it: any number of decimals up to nine, `Z` or an offset.
  public init?(iso8601 text: String) {
    guard text.utf8.count <= 40 else { return nil }
    var scanner = DateScanner(text)
    guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2),
      scanner.skip("-"), let day = scanner.digits(2), scanner.skip("T"),
      let (hour, minute, second) = scanner.time(),
      let millisecond = scanner.fraction(), let offset = scanner.offsetMinutes(), scanner.isAtEnd,
      let local = S3Instant(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        millisecond: millisecond)
    else { return nil }
    self = local.advanced(by: .seconds(-60 * offset))
  }

  /// `20130524T000000Z`, as signatures carry it.
  public init?(amzDate text: String) {
    guard text.utf8.count == 16 else { return nil }
    var scanner = DateScanner(text)
    guard let year = scanner.digits(4), let month = scanner.digits(2), let day = scanner.digits(2),
      scanner.skip("T"), let hour = scanner.digits(2), let minute = scanner.digits(2),
      let second = scanner.digits(2), scanner.skip("Z"), scanner.isAtEnd
    else { return nil }
    self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func fixedDate(_ scanner: inout DateScanner) -> S3Instant? {
    guard scanner.name(of: DateScanner.shortDays) != nil, scanner.skip(", "),
      let day = scanner.digits(2), scanner.skip(" "),
      let month = scanner.name(of: DateScanner.months), scanner.skip(" "),
      let year = scanner.digits(4), scanner.skip(" "),
      let (hour, minute, second) = scanner.time(), scanner.skip(" GMT")
    else { return nil }
    return S3Instant(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// `Sunday, 06-Nov-94 08:49:37 GMT`.
  private static func rfc850Date(_ scanner: inout DateScanner) -> S3Instant? {
    guard scanner.name(of: DateScanner.longDays) != nil, scanner.skip(", "),
      let day = scanner.digits(2), scanner.skip("-"),
      let month = scanner.name(of: DateScanner.months), scanner.skip("-"),
      let year = scanner.digits(2), scanner.skip(" "),
      let (hour, minute, second) = scanner.time(), scanner.skip(" GMT")
    else { return nil }
    return S3Instant(
      year: year + (year < 70 ? 2000 : 1900), month: month, day: day, hour: hour, minute: minute,
      second: second)
  }

  /// `Sun Nov  6 08:49:37 1994`.
  private static func asctimeDate(_ scanner: inout DateScanner) -> S3Instant? {
    guard scanner.name(of: DateScanner.shortDays) != nil, scanner.skip(" "),
      let month = scanner.name(of: DateScanner.months), scanner.skip(" "),
      let day = scanner.skip(" ") ? scanner.digits(1) : scanner.digits(2), scanner.skip(" "),
      let (hour, minute, second) = scanner.time(), scanner.skip(" "), let year = scanner.digits(4)
    else { return nil }
    return S3Instant(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }
}

/// Walks over the bytes of a date; every step says whether it fitted.
private struct DateScanner {
  static let shortDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  static let longDays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private var rest: ArraySlice<UInt8>

  init(_ text: String) { rest = Array(text.utf8)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ expected: String) -> Bool {
    guard rest.starts(with: expected.utf8) else { return false }
    rest = rest.dropFirst(expected.utf8.count)
    return true
  }

  /// Exactly `count` digits, at most nine, so that the number fits.
  mutating func digits(_ count: Int) -> Int? {
    guard rest.count >= count else { return nil }
    var value = 0
    for byte in rest.prefix(count) {
      guard let digit = Self.digit(byte) else { return nil }
      value = value * 10 + digit
    }
    rest = rest.dropFirst(count)
    return value
  }

  /// The place of the name that comes next, from 1.
  mutating func name(of names: [String]) -> Int? {
    for (index, name) in names.enumerated() where skip(name) { return index + 1 }
    return nil
  }

  /// `08:49:37`.
  mutating func time() -> (hour: Int, minute: Int, second: Int)? {
    guard let hour = digits(2), skip(":"), let minute = digits(2), skip(":"),
      let second = digits(2)
    else { return nil }
    return (hour, minute, second)
  }

  /// Milliseconds from `.000000000`; what is finer is cut off. No fraction is 0.
  mutating func fraction() -> Int? {
    guard skip(".") else { return 0 }
    let decimals = rest.prefix(10).prefix { Self.digit($0) != nil }
    guard (1...9).contains(decimals.count) else { return nil }
    var value = 0
    for index in 0..<3 {
      let digit = index < decimals.count ? Self.digit(decimals[decimals.startIndex + index]) : 0
      value = value * 10 + (digit ?? 0)
    }
    rest = rest.dropFirst(decimals.count)
    return value
  }

  /// Minutes east of Greenwich: `Z` is 0, `+01:30` is 90.
  mutating func offsetMinutes() -> Int? {
    if skip("Z") { return 0 }
    let sign = skip("+") ? 1 : (skip("-") ? -1 : 0)
    guard sign != 0, let hours = digits(2), hours <= 23, skip(":"), let minutes = digits(2),
      minutes <= 59
    else { return nil }
    return sign * (hours * 60 + minutes)
  }

  private static func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
  }
}
