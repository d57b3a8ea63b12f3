// Numbers: whole ones by hand, all others by the standard library.

extension JSONParser {
  /// More digits than any number needs; the conversion of a million of them would cost more than they are worth.
  private static let lengthLimit = 1_024

  mutating func readNumber() throws(JSONError) -> JSONValue {
    let start = index
    let isNegative = take(UInt8(ascii: "-"))
    let whole = try readWhole(isNegative: isNegative)
    let isFraction = try readFraction()
    let hasExponent = try readExponent()
    if let whole, !isFraction, !hasExponent { return .integer(whole) }
    guard index - start <= Self.lengthLimit,
      let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)), number.isFinite
    else { throw failure(.numberOutOfRange) }
    return .number(number)
  }

  /// The digits before the point; `nil` where they do not fit. A zero stands alone.
  private mutating func readWhole(isNegative: Bool) throws(JSONError) -> Int64? {
    let start = index
    var number: Int64? = 0
    while let digit = currentDigit {
      number = number.flatMap { Self.appending(digit, to: $0, isNegative: isNegative) }
      index += 1
    }
    guard index > start, bytes[start] != UInt8(ascii: "0") || index == start + 1 else {
      throw failure(.notJSON)
    }
    return number
  }

  private static func appending(_ digit: UInt8, to number: Int64, isNegative: Bool) -> Int64? {
    let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
    let step = Int64(digit)
    // Negative from the first digit on, since the smallest number has no positive counterpart.
    let (sum, overflows) =
      isNegative
      ? shifted.subtractingReportingOverflow(step) : shifted.addingReportingOverflow(step)
    return isTooLarge || overflows ? nil : sum
  }

  private mutating func readFraction() throws(JSONError) -> Bool {
    guard take(UInt8(ascii: ".")) else { return false }
    try skipDigits()
    return true
  }

  private mutating func readExponent() throws(JSONError) -> Bool {
    guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return false }
    if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
    try skipDigits()
    return true
  }

  private mutating func skipDigits() throws(JSONError) {
    guard currentDigit != nil else { throw failure(.notJSON) }
    while currentDigit != nil { index += 1 }
  }

  private var currentDigit: UInt8? { current.flatMap(ASCII.digit) }
}
