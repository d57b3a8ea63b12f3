// What a client shows to get a new access token.

import ArchiveCore
import Crypto
import Encodings

/// The session, 128 random bits that stay the same in a session, and 256 that each exchange makes anew, as one
/// opaque text. The store has hashes of both.
struct RefreshToken: Sendable {
  let sessionID: SessionID
  let text: String
  private let family: [UInt8]

  private static let (idBytes, familyBytes, freshBytes) = (16, 16, 32)

  /// The first token of a session.
  init(for sessionID: SessionID, surroundings: Surroundings) {
    self.init(
      sessionID, family: surroundings.randomBytes(Self.familyBytes), surroundings: surroundings)
  }

  /// The token after this one.
  func successor(surroundings: Surroundings) -> RefreshToken {
    RefreshToken(sessionID, family: family, surroundings: surroundings)
  }

  private init(_ sessionID: SessionID, family: [UInt8], surroundings: Surroundings) {
    (self.sessionID, self.family) = (sessionID, family)
    let id = sessionID.value
    let bytes = [id.high, id.low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
    text = Base64.url.text(bytes + family + surroundings.randomBytes(Self.freshBytes))
  }

  /// Reads a token that a client sent; `nil` where it cannot be one of ours.
  init?(_ text: String) {
    let length = Self.idBytes + Self.familyBytes + Self.freshBytes
    guard text.utf8.count == 86, let bytes = Base64.url.bytes(text.utf8), bytes.count == length
    else {
      return nil
    }
    func word(_ range: Range<Int>) -> UInt64 {
      bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
    sessionID = SessionID(ULID(high: word(0..<8), low: word(8..<16)))
    family = Array(bytes[Self.idBytes..<Self.idBytes + Self.familyBytes])
    self.text = text
  }

  /// What the session stores of it.
  var hash: String { Base64.url.text(SHA256.hash(data: Array(text.utf8))) }
  var familyHash: String { Base64.url.text(SHA256.hash(data: family)) }
}
