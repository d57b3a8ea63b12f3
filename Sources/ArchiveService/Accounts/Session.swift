// One sign-in of a user on one device.

import ArchiveCore

/// A session as it is stored. It holds only hashes of refresh tokens, never a token.
///
/// A session that is over stays for a day, with `endedAt`: so other nodes hear of it, which they do of no deletion.
struct Session: Sendable, StoredDocument {
  let id: SessionID
  let userID: UserID
  /// What the client called its device, or what its program calls itself.
  let device: String?
  /// Where the sign-in or the newest refresh came from.
  let address: String?
  let createdAt: Timestamp
  let lastSeenAt: Timestamp
  let expiresAt: Timestamp
  /// The user's era at the sign-in, see `User.sessionEra`.
  let era: Int64
  /// SHA-256 of the one refresh token that is valid, in base 64 URL.
  let refreshHash: String
  /// SHA-256 of what all refresh tokens of this session have in common: whoever shows it with another token
  /// than the valid one shows one that was used before.
  let familyHash: String
  let endedAt: Timestamp?

  /// How long a session that is over is remembered.
  static let memoryOfEnd = Duration.seconds(24 * 3600)

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
    address = try document.optionalField("address", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    lastSeenAt = try document.field("lastSeenAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    era = try document.optionalField("era", \.asInteger) ?? 0
    refreshHash = try document.field("refreshHash", \.asText)
    // Sessions of the first version have none, and no token that this one takes.
    familyHash = try document.optionalField("familyHash", \.asText) ?? ""
    endedAt = try document.optionalField("endedAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "userId": userID.stored, "device": device.map { .string($0) },
      "address": address.map { .string($0) }, "createdAt": .time(createdAt),
      "lastSeenAt": .time(lastSeenAt), "expiresAt": .time(expiresAt), "era": .integer(era),
      "refreshHash": .string(refreshHash), "familyHash": .string(familyHash),
      "endedAt": endedAt.map { .time($0) },
    ])
  }

  /// Whether it is in use: not ended, not expired, and of its user's present era.
  func isLive(of user: User, at now: Timestamp) -> Bool {
    userID == user.id && endedAt == nil && expiresAt > now && era == user.sessionEra
      && user.isInUse
  }

  /// The update that ends the sessions which satisfy the filter and are not over.
  static func ending(where filter: Filter, at now: Timestamp) -> Update {
    Update(
      schema.name, where: .and([filter, .missing("endedAt")]),
      [.set("endedAt", .time(now)), .set("expiresAt", .time(now.advanced(by: memoryOfEnd)))],
      extent: .all)
  }
}
