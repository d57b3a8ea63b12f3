// One sign-in of a user on one device.

import ArchiveCore
import Crypto

/// A session as it is stored. It holds only hashes of refresh tokens, never a token.
struct Session: Sendable, StoredDocument {
  let id: SessionID
  let userID: UserID
  /// What the client called its device.
  let device: String?
  let createdAt: Timestamp
  let lastSeenAt: Timestamp
  let expiresAt: Timestamp
  /// SHA-256 of the one refresh token that is valid, in base 64 URL.
  let refreshHash: String
  /// SHA-256 of the token before it; whoever shows that one ends the session.
  let previousHash: String?

  static let schema = CollectionSchema(
    "sessions",
    indexes: [
      CollectionIndex("user", on: [.ascending("userId"), .ascending("createdAt")]),
      CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring),
    ])
}

extension Session {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    userID = try document.field("userId") { $0.asID() }
    device = try document.optionalField("device", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    lastSeenAt = try document.field("lastSeenAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    refreshHash = try document.field("refreshHash", \.asText)
    previousHash = try document.optionalField("previousHash", \.asText)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "userId": userID.stored, "device": device.map { .string($0) },
      "createdAt": .time(createdAt), "lastSeenAt": .time(lastSeenAt),
      "expiresAt": .time(expiresAt), "refreshHash": .string(refreshHash),
      "previousHash": previousHash.map { .string($0) },
    ])
  }
}

/// What a client shows to get a new access token: the session and 256 random bits, as one opaque text.
struct RefreshToken: Sendable {
  let sessionID: SessionID
  let text: String

  /// A new token for a session.
  init(for sessionID: SessionID, surroundings: Surroundings) {
    self.sessionID = sessionID
    let id = sessionID.value
    let bytes = [id.high, id.low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
    text = Base64URL.encode(bytes + surroundings.randomBytes(32))
  }

  /// Reads a token that a client sent; `nil` where it cannot be one of ours.
  init?(_ text: String) {
    guard text.utf8.count == 64, let bytes = Base64URL.decode(text), bytes.count == 48 else {
      return nil
    }
    func word(_ range: Range<Int>) -> UInt64 {
      bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.sessionID = SessionID(ULID(high: word(0..<8), low: word(8..<16)))
    self.text = text
  }

  /// What the session stores of it.
  var hash: String { Base64URL.encode(SHA256.hash(data: Array(text.utf8))) }
}
