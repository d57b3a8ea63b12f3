// Bytes written as %XX.

import Encodings

/// Percent-encoding (RFC 3986, 2.1), for addresses and for extended parameters.
enum PercentText {
  private static let digits = Array("0123456789ABCDEF".utf8)
  private static let unreserved = Array("-._~".utf8)
  /// RFC 8187, 3.2.1: what stands for itself in an extended value.
  private static let attributeSymbols = Array("!#$&+-.^_`|~".utf8)

  /// As one segment of a path: everything but RFC 3986's unreserved characters is encoded.
  static func segment(_ text: String) -> String { encode(text, keeping: unreserved) }

  /// As the characters of an extended value (RFC 8187).
  static func extendedValue(_ text: String) -> String { encode(text, keeping: attributeSymbols) }

  private static func encode(_ text: String, keeping symbols: [UInt8]) -> String {
    var output: [UInt8] = []
    for byte in text.utf8 {
      if ASCII.isLetterOrDigit(byte) || symbols.contains(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// `nil` where a `%` is not followed by two hexadecimal digits.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = Array(text)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        output.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(Hex.value),
        let low = rest.popFirst().flatMap(Hex.value)
      else { return nil }
      output.append(high << 4 | low)
    }
    return output
  }
}
