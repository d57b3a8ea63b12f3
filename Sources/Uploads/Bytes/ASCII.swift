// What single bytes of header fields are.

/// Questions about bytes that the grammars of HTTP and MIME ask.
enum ASCII {
  static let (tab, lineFeed, carriageReturn, space): (UInt8, UInt8, UInt8, UInt8) = (9, 10, 13, 32)

  /// SP or HT: what RFC 9110 calls OWS and RFC 822 LWSP, without line ends.
  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return lower >= 0x61 && lower <= 0x7A
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  /// A character of a token (RFC 9110, 5.6.2).
  static func isToken(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || tokenSymbols.contains(byte)
  }

  private static let tokenSymbols = Array("!#$%&'*+-.^_`|~".utf8)

  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }

  /// Whether both are the same but for the case of ASCII letters.
  static func areAlike(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { lowercased($0) == lowercased($1) }
  }

  static func areAlike(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    areAlike(left.utf8, right.utf8)
  }

  /// Without blanks at both ends.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    return bytes
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    String(decoding: trimmed(Array(text.utf8)[...]), as: UTF8.self)
  }

  /// Decimal digits as a number that stays at `Int64.max` where it is larger; `nil` for anything but digits.
  ///
  /// A length that no number of ours can hold is too large, not malformed, so it saturates.
  static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard isDigit(digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Int64(digit - 0x30))
      value = overflow || carried ? .max : sum
    }
    return value
  }
}
