// Addresses that begin with the same bits.

/// A network such as `10.0.0.0/8` or `fd00::/8`; a single address is a network of one.
public struct IPNetwork: Hashable, Sendable {
  /// The first address; the bits behind `bits` are zero.
  public let first: IPAddress
  /// How many of 128 bits are fixed. IPv4 lies behind 96 of them.
  private let bits: Int

  /// - Parameter bits: as written behind the slash: at most 32 for an IPv4 address, 128 for IPv6.
  ///   More count as all of them.
  public init(_ address: IPAddress, bits: Int) {
    let offset = address.isIPv4 ? 96 : 0
    let bits = offset + min(max(bits, 0), 128 - offset)
    first = address.masked(to: bits)
    self.bits = bits
  }

  private var isIPv4: Bool { first.isIPv4 && bits >= 96 }

  /// An IPv4 address is never in a network of IPv6, not even in `::/0`.
  public func contains(_ address: IPAddress) -> Bool {
    address.isIPv4 == isIPv4 && address.masked(to: bits) == first
  }
}

extension IPNetwork: LosslessStringConvertible {
  /// An address, or an address and a number of bits behind a slash. Bits that are set behind those
  /// are a slip of whoever wrote it, and refused.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let part = parts.first, let address = IPAddress(String(part)) else { return nil }
    // As it is written: an IPv4 address inside IPv6 has 128 bits too.
    let isWrittenAsIPv6 = part.utf8.contains(UInt8(ascii: ":"))
    let most = isWrittenAsIPv6 ? 128 : 32
    guard parts.count == 2 else {
      self.init(address, bits: most)
      return
    }
    guard parts[1].utf8.count <= 3, let bits = Digits.number(parts[1]), bits <= Int64(most) else {
      return nil
    }
    let offset = address.isIPv4 && isWrittenAsIPv6 ? 96 : 0
    guard Int(bits) >= offset else { return nil }
    self.init(address, bits: Int(bits) - offset)
    guard first == address else { return nil }
  }

  public var description: String { "\(first)/\(isIPv4 ? bits - 96 : bits)" }
}

extension IPAddress {
  /// The address with all bits behind the first `bits` set to zero.
  fileprivate func masked(to bits: Int) -> IPAddress {
    IPAddress(high: high & Self.mask(bits), low: low & Self.mask(bits - 64))
  }

  private static func mask(_ bits: Int) -> UInt64 {
    bits <= 0 ? 0 : bits >= 64 ? .max : .max << UInt64(64 - bits)
  }
}
