// A secret that cannot be printed by accident.

import Crypto

/// Bytes that sign tokens; every textual form of it is stars.
public struct Secret: Sendable, Hashable {
  /// The bytes themselves; never log them.
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "********" }
  public var debugDescription: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret {
  /// A key of 32 bytes for one purpose and no other: HMAC-SHA-256 as a key derivation (RFC 5869's second half with one
  /// block); the secret is as good as random.
  func key(for purpose: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: purpose, using: SymmetricKey(data: bytes)))
  }
}
