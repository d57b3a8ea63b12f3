// Base 64 in its two alphabets.

/// RFC 4648, sections 4 (standard) and 5 (for URLs). Decoding is strict: other characters, wrong padding and spare bits
/// that are not zero are refused, so that each value has exactly one text.
struct Base64: Sendable {
  /// `+` and `/`, padded with `=`.
  static let standard = Base64("+/", isPadded: true)
  /// `-` and `_`, without padding.
  static let forURLs = Base64("-_", isPadded: false)

  private let alphabet: [UInt8]
  /// The value of each byte; 0xFF for what is no digit.
  private let values: [UInt8]
  private let isPadded: Bool

  private init(_ symbols: String, isPadded: Bool) {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    alphabet = Array((letters + symbols).utf8)
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    (self.values, self.isPadded) = (values, isPadded)
  }

  /// 0 to 63, or `nil`.
  func value(of digit: UInt8) -> UInt8? {
    let value = values[Int(digit)]
    return value == 0xFF ? nil : value
  }

  func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    var (buffer, bits): (UInt32, UInt32) = (0, 0)
    for byte in bytes {
      buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(buffer >> bits & 63)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 63)]) }
    if isPadded { while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) } }
    return String(decoding: text, as: UTF8.self)
  }

  /// `nil` for anything that `encode` does not write.
  func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var digits = ArraySlice(Array(text))
    if isPadded {
      guard digits.count % 4 == 0 else { return nil }
      var padding = 0
      while padding < 2, digits.last == UInt8(ascii: "=") {
        digits.removeLast()
        padding += 1
      }
    }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3 + 2)
    var (buffer, bits): (UInt32, UInt32) = (0, 0)
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
      }
    }
    return buffer & ((1 << bits) - 1) == 0 ? bytes : nil
  }
}
