// The address of a machine as a value, IPv4 or IPv6, read strictly.

/// An IPv4 or IPv6 address, as 128 bits.
///
/// An IPv4 address inside IPv6 (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) is the IPv4 address: a server
/// that listens on both sees one client in either form, and it must not get two allowances.
public struct IPAddress: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Whether it is an IPv4 address, in whatever form it was written.
  public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// What one subscriber usually has: an IPv4 address, or 2^64 addresses of IPv6 (RFC 6177).
  ///
  /// Whoever counts single addresses of IPv6 counts nothing.
  public var subscriberNetwork: IPNetwork {
    isIPv4 ? IPNetwork(self, bits: 32) : IPNetwork(self, bits: 64)
  }
}

// MARK: Text

extension IPAddress: LosslessStringConvertible {
  /// Reads what `inet_pton` reads: no zones, no ports, no leading zeros in IPv4.
  public init?(_ text: String) {
    guard text.utf8.count <= 45 else { return nil }
    if let address = Self.ipv4(text[...]) {
      self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address))
    } else if let groups = Self.groups(text) {
      func word(_ range: Range<Int>) -> UInt64 { groups[range].reduce(0) { $0 << 16 | UInt64($1) } }
      self.init(high: word(0..<4), low: word(4..<8))
    } else {
      return nil
    }
  }

  /// RFC 5952: lower case, without leading zeros, the longest run of zeros left out.
  public var description: String {
    if isIPv4 {
      return (0..<4).map { String(low >> UInt64(24 - 8 * $0) & 255) }.joined(separator: ".")
    }
    let groups = [high, low].flatMap { word in
      (0..<4).map { UInt16(truncatingIfNeeded: word >> UInt64(48 - 16 * $0)) }
    }
    let texts = groups.map { String($0, radix: 16) }
    guard let run = Self.longestRunOfZeros(groups) else { return texts.joined(separator: ":") }
    return texts[..<run.lowerBound].joined(separator: ":") + "::"
      + texts[run.upperBound...].joined(separator: ":")
  }

  private static func ipv4(_ text: Substring) -> UInt32? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
        let byte = number(part, radix: 10), byte <= 255
      else { return nil }
      address = address << 8 | byte
    }
    return address
  }

  /// The eight groups of an IPv6 address; `::` stands for one group of zeros or more.
  private static func groups(_ text: String) -> [UInt16]? {
    let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    guard let first = halves.first, let front = groups(of: first, isLast: halves.count == 1) else {
      return nil
    }
    if halves.count == 1 { return front.count == 8 ? front : nil }
    guard halves.count == 2, let back = groups(of: halves[1], isLast: true) else { return nil }
    let missing = 8 - front.count - back.count
    guard missing >= 1 else { return nil }
    return front + [UInt16](repeating: 0, count: missing) + back
  }

  /// Groups between colons; the last two may be written as IPv4.
  private static func groups(of text: Substring, isLast: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if isLast, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
        guard let address = ipv4(part) else { return nil }
        groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
      } else {
        guard (1...4).contains(part.utf8.count), let group = number(part.utf8, radix: 16) else {
          return nil
        }
        groups.append(UInt16(truncatingIfNeeded: group))
      }
    }
    return groups.count <= 8 ? groups : nil
  }

  /// At most four digits, so it cannot overflow.
  private static func number(_ digits: Substring.UTF8View, radix: UInt32) -> UInt32? {
    var number: UInt32 = 0
    for digit in digits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      default: return nil
      }
      guard UInt32(value) < radix else { return nil }
      number = number * radix + UInt32(value)
    }
    return number
  }

  /// The first of the longest; a single group is not left out.
  private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest = 0..<1
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count > 1 ? longest : nil
  }
}
