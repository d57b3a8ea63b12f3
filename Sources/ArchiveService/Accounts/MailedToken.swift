// A token that a letter carries: it proves that its bearer reads the mail of an address.

import ArchiveCore
import Crypto
import Encodings

/// What a mailed token is good for.
enum MailedPurpose: String, Sendable {
  case confirmEmail
  case resetPassword
  /// Good for nothing: stands for a letter to an address that has no account, so that the same is written for it.
  case nothing
}

/// A mailed token as it is stored: only its hash. It is good once, and until it expires.
struct MailedToken: Sendable, StoredDocument {
  /// SHA-256 of the token, in base 64 URL.
  let hash: String
  let purpose: MailedPurpose
  let userID: UserID
  /// To whom the letter went; an account with another address by now takes no notice of it.
  let emailKey: String
  let createdAt: Timestamp
  let expiresAt: Timestamp
  let usedAt: Timestamp?

  static let schema = CollectionSchema(
    "mailedTokens",
    indexes: [
      CollectionIndex("user", on: [.ascending("userId"), .ascending("createdAt")]),
      CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring),
    ])

  /// The hash of a token that somebody shows; `nil` for what cannot be one.
  static func hash(of text: String) -> String? {
    guard text.utf8.count == 43, let bytes = Base64.url.bytes(text.utf8), bytes.count == 32 else {
      return nil
    }
    return Base64.url.text(SHA256.hash(data: bytes))
  }

  /// Makes a token: what is stored, and the text for the letter.
  static func make(
    _ purpose: MailedPurpose, for user: UserID, emailKey: String, lifetime: Duration,
    surroundings: Surroundings
  ) -> (stored: MailedToken, text: String) {
    let bytes = surroundings.randomBytes(32)
    let now = surroundings.now()
    let stored = MailedToken(
      hash: Base64.url.text(SHA256.hash(data: bytes)), purpose: purpose, userID: user,
      emailKey: emailKey, createdAt: now, expiresAt: now.advanced(by: lifetime), usedAt: nil)
    return (stored, Base64.url.text(bytes))
  }

  /// The step that uses it up; it fails the transaction where it is not good any more.
  func using(at now: Timestamp) -> TransactionStep {
    let isGood = Filter.and([
      .id(hash), .missing("usedAt"), .greater("expiresAt", .time(now)),
    ])
    return .update(
      Update(Self.schema.name, where: isGood, [.set("usedAt", .time(now))]), mustMatch: true)
  }

  /// The step that makes all others of the purpose useless.
  static func discarding(_ purpose: MailedPurpose, of user: UserID, at now: Timestamp)
    -> TransactionStep
  {
    let others = Filter.and([
      .equal("userId", user.stored), .equal("purpose", .string(purpose.rawValue)),
      .missing("usedAt"),
    ])
    return .update(
      Update(schema.name, where: others, [.set("usedAt", .time(now))], extent: .all),
      mustMatch: false)
  }
}

extension MailedToken {
  init(document: Document) throws(StoreError) {
    hash = try document.field("id", \.asText)
    purpose = try document.field("purpose") { $0.asText.flatMap(MailedPurpose.init) }
    userID = try document.field("userId") { $0.asID() }
    emailKey = try document.field("emailKey", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    usedAt = try document.optionalField("usedAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": .string(hash), "purpose": .string(purpose.rawValue), "userId": userID.stored,
      "emailKey": .string(emailKey), "createdAt": .time(createdAt), "expiresAt": .time(expiresAt),
      "usedAt": usedAt.map { .time($0) },
    ])
  }
}
