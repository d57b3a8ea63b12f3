// Identifiers that sort by the time they were made: 48 bits of milliseconds, 80 random bits.

/// A ULID (https://github.com/ulid/spec): 128 bits, written as 26 characters of Crockford's base 32.
///
/// Made only by `Surroundings.newID`; read from anywhere. The text is always upper case,
/// so equal identifiers have equal texts.
public struct ULID: Hashable, Comparable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    (self.high, self.low) = (high, low)
  }

  /// The 48 low bits of `time` in front, the given 80 bits behind.
  public init(time: Timestamp, random: (UInt16, UInt64)) {
    let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
    self.init(high: milliseconds << 16 | UInt64(random.0), low: random.1)
  }

  public static func < (left: ULID, right: ULID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension ULID: LosslessStringConvertible {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  public var description: String {
    var (high, low) = (high, low)
    var characters = [UInt8](repeating: 0, count: 26)
    for index in characters.indices.reversed() {
      characters[index] = Self.alphabet[Int(low & 31)]
      low = low >> 5 | (high & 31) << 59
      high >>= 5
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// Reads 26 characters in upper case; anything else, and anything above 128 bits, is `nil`.
  public init?(_ text: String) { self.init(utf8: text.utf8) }

  /// The same from bytes of a text.
  init?(utf8: some Swift.Collection<UInt8>) {
    guard utf8.count == 26, let first = utf8.first, first <= UInt8(ascii: "7") else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for byte in utf8 {
      let digit = byte < 128 ? Self.digits[Int(byte)] : 255
      guard digit < 32 else { return nil }
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(digit)
    }
    self.init(high: high, low: low)
  }

  /// The value of each character, 255 where it is no digit.
  private static let digits: [UInt8] = {
    var digits = [UInt8](repeating: 255, count: 128)
    for (value, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(value) }
    return digits
  }()
}
