// The secret in a link.

import Crypto
import Encodings

/// 192 random bits that let their bearer fetch one file; 32 characters in an address, each bit of which counts.
///
/// The store has only the hash, so whoever reads the store, a backup or a log cannot fetch anything. Prints as stars.
package struct LinkToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// What `init(random:)` wants.
  package static let randomBytes = 24
  static let textLength = 32

  private let bytes: [UInt8]

  /// - Parameter random: `randomBytes` bytes fit for secrets; another number of them is a bug.
  package init(random: [UInt8]) {
    precondition(random.count == Self.randomBytes, "a token is made of 24 random bytes")
    bytes = random
  }

  /// Reads a token out of an address; `nil` for what cannot be one, without any work that depends on a secret.
  package init?(text: some StringProtocol) {
    guard text.utf8.count == Self.textLength, let bytes = Base64.url.bytes(text.utf8) else {
      return nil
    }
    self.bytes = bytes
  }

  /// For the one place where it belongs: the address that is handed out.
  package var text: String { Base64.url.text(bytes) }

  /// What is stored, and looked up: SHA-256 in base 64 for URLs. With so many random bits it needs no salt, and a look-up
  /// by the hash tells a guesser nothing of the token by its time.
  package var hash: String { Base64.url.text(SHA256.hash(data: bytes)) }

  package var description: String { "***" }
  package var debugDescription: String { "***" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
