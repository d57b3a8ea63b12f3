// The BSON values that Swift has no type for.

/// A moment in milliseconds since 1970-01-01T00:00:00Z («UTC datetime»).
public struct BSONTime: Hashable, Sendable {
  public let milliseconds: Int64
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }
}

/// A place in the server's log of operations: seconds since 1970, and a number within the second.
public struct BSONTimestamp: Hashable, Comparable, Sendable {
  public let seconds: UInt32
  public let increment: UInt32

  public init(seconds: UInt32, increment: UInt32) {
    (self.seconds, self.increment) = (seconds, increment)
  }

  public static func < (left: BSONTimestamp, right: BSONTimestamp) -> Bool {
    (left.seconds, left.increment) < (right.seconds, right.increment)
  }
}

/// Bytes with a subtype, 0 being «anything».
public struct BSONBinary: Hashable, Sendable {
  public let subtype: UInt8
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8], subtype: UInt8 = 0) {
    (self.bytes, self.subtype) = (bytes, subtype)
  }
}

/// Twelve bytes that the server, or a driver, made up as an identifier.
public struct BSONObjectID: Hashable, Sendable, CustomStringConvertible {
  // Both as they lie in the bytes, the first byte highest.
  let high: UInt64
  let low: UInt32

  init(high: UInt64, low: UInt32) { (self.high, self.low) = (high, low) }

  /// `nil` unless there are twelve.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 12 else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt32($1) }
  }

  public var bytes: [UInt8] {
    withUnsafeBytes(of: high.bigEndian, Array.init) + withUnsafeBytes(of: low.bigEndian, Array.init)
  }

  /// 24 hexadecimal digits.
  public var description: String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
