// Bytes as text of 64 characters, and back.

/// Base 64 (RFC 4648), in one of its two alphabets.
///
/// Reading is strict, so that one value has exactly one text: other characters, padding that is missing or too much, and
/// spare bits that are not zero are refused.
package struct Base64: Sendable {
  /// Section 4: with `+` and `/`, padded with `=`.
  package static let standard = Base64(last: "+/", isPadded: true)
  /// Section 5: with `-` and `_`, which are safe in URLs and in names of files; not padded.
  package static let url = Base64(last: "-_", isPadded: false)

  private static let padding = UInt8(ascii: "=")
  private let alphabet: [UInt8]
  /// By character; 64 for those that are none of the alphabet.
  private let values: [UInt8]
  private let isPadded: Bool

  private init(last two: String, isPadded: Bool) {
    alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(two)".utf8)
    var values = [UInt8](repeating: 64, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    (self.values, self.isPadded) = (values, isPadded)
  }

  package func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    append(Array(bytes), to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  package func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
    let whole = bytes.count - bytes.count % 3
    for index in stride(from: 0, to: whole, by: 3) {
      let (first, second, third) = (bytes[index], bytes[index + 1], bytes[index + 2])
      text.append(alphabet[Int(first >> 2)])
      text.append(alphabet[Int((first & 3) << 4 | second >> 4)])
      text.append(alphabet[Int((second & 15) << 2 | third >> 6)])
      text.append(alphabet[Int(third & 63)])
    }
    guard whole < bytes.count else { return }
    let (first, second) = (bytes[whole], whole + 1 < bytes.count ? bytes[whole + 1] : 0)
    text.append(alphabet[Int(first >> 2)])
    text.append(alphabet[Int((first & 3) << 4 | second >> 4)])
    if whole + 1 < bytes.count { text.append(alphabet[Int((second & 15) << 2)]) }
    if isPadded {
      for _ in bytes.count - whole..<3 { text.append(Self.padding) }
    }
  }

  /// 0 to 63, or `nil` for what is no character of the alphabet.
  package func value(of character: UInt8) -> UInt8? {
    let value = values[Int(character)]
    return value < 64 ? value : nil
  }

  /// `nil` for what no bytes are written as.
  package func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
    var digits = Array(text)[...]
    if isPadded {
      guard digits.count % 4 == 0 else { return nil }
      for _ in 0..<2 where digits.last == Self.padding { digits.removeLast() }
    }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count * 3 / 4)
    var (buffer, bits) = (UInt32(0), 0)
    for digit in digits {
      let value = values[Int(digit)]
      guard value < 64 else { return nil }
      buffer = (buffer << 6 | UInt32(value)) & 0xFFFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
    }
    return buffer & ((1 << UInt32(bits)) - 1) == 0 ? bytes : nil
  }
}
