// Percent-encoding as SigV4 demands it, and its way back.

/// RFC 3986 with upper-case digits: everything but the unreserved characters is written as `%XX`, byte by byte.
///
/// The signature covers the encoded text, so what is sent and what is signed must come from here alike.
package enum PercentEncoding {
  /// For a path: `/` stays as well.
  package static func path(_ key: String) -> String {
    encode(key) { isUnreserved($0) || $0 == slash }
  }

  /// For a name or a value of a query.
  package static func query(_ text: String) -> String { encode(text, isUnreserved) }

  /// The text behind `%XX`; `nil` where a `%` has no two digits behind it, or where the bytes are no UTF-8.
  package static func decode(_ text: String) -> String? { decode(text, plus: UInt8(ascii: "+")) }

  /// The same for `encoding-type=url` of lists, where some servers write a space as `+`; all of them encode a plus.
  package static func decodeForm(_ text: String) -> String? {
    decode(text, plus: UInt8(ascii: " "))
  }

  /// `A-Z a-z 0-9 - . _ ~`.
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static let slash = UInt8(ascii: "/")
  private static let percent = UInt8(ascii: "%")
  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func encode(_ text: String, _ stays: (UInt8) -> Bool) -> String {
    // Most names and keys need nothing: no copy is made of them.
    if text.utf8.allSatisfy(stays) { return text }
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count * 2)
    for byte in text.utf8 {
      if stays(byte) {
        encoded.append(byte)
      } else {
        encoded.append(percent)
        encoded.append(digits[Int(byte >> 4)])
        encoded.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func decode(_ text: String, plus: UInt8) -> String? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.utf8.count)
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      switch byte {
      case percent:
        guard let high = bytes.next().flatMap(nibble), let low = bytes.next().flatMap(nibble)
        else { return nil }
        decoded.append(high << 4 | low)
      case UInt8(ascii: "+"): decoded.append(plus)
      default: decoded.append(byte)
      }
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
