// Keeps the links of waiting letters from whoever reads the database.

import ArchiveCore
import Crypto
import Encodings
import Foundation

/// Encrypts letters under a key that is made from the secret of the deployment: AES-256-GCM, bound to the letter's id.
///
/// Tokens in links lie in the database as hashes only. The outbox must hold them whole until they are sent; sealed, a
/// stolen copy of the database still opens no account.
struct LetterSeal: Sendable {
  private let key: SymmetricKey
  private let surroundings: Surroundings

  /// - Parameter secret: letters that wait when it changes are given up, as their links are good for nothing then.
  init(secret: Secret, surroundings: Surroundings) {
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret.bytes),
      info: Data("chat archive outbox".utf8), outputByteCount: 32)
    self.surroundings = surroundings
  }

  /// Throws `invalid` where it cannot be done; there is no input for which that is so.
  func seal(_ letter: Letter, id: String) throws(StoreError) -> String {
    do {
      let nonce = try AES.GCM.Nonce(data: surroundings.randomBytes(12))
      let box = try AES.GCM.seal(
        JSONEncoder().encode(letter), using: key, nonce: nonce, authenticating: Data(id.utf8))
      return Base64.url.text(Array(nonce) + Array(box.ciphertext) + Array(box.tag))
    } catch {
      throw StoreError(.invalid, "a letter cannot be sealed", cause: error)
    }
  }

  /// `nil` where it was sealed under another secret, or altered.
  func open(_ sealed: String, id: String) -> Letter? {
    guard let bytes = Base64.url.bytes(sealed.utf8),
      let box = try? AES.GCM.SealedBox(combined: bytes),
      let plain = try? AES.GCM.open(box, using: key, authenticating: Data(id.utf8))
    else { return nil }
    return try? JSONDecoder().decode(Letter.self, from: plain)
  }
}
