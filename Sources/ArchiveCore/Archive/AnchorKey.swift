// The key that signs anchors. It lies in neither store.

internal import Crypto
internal import Encodings

/// At least 32 secret bytes. Prints as stars.
public struct AnchorKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  private let key: SymmetricKey

  /// `nil` where there are fewer than 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 32 else { return nil }
    key = SymmetricKey(data: bytes)
  }

  public var description: String { "***" }
  public var debugDescription: String { "***" }

  func signature(of text: String) -> String {
    Hex.text(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  /// Compares in constant time.
  func isSignature(_ hex: String, of text: String) -> Bool {
    guard let code = Hex.bytes(hex) else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      code, authenticating: Array(text.utf8), using: key)
  }
}
