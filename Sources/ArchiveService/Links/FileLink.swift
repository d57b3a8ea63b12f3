// A link that lets its bearer fetch one file.

import ArchiveCore
import Uploads

/// What a `LinkID` identifies.
enum LinkSubject: Sendable {}

typealias LinkID = Identifier<LinkSubject>

/// A link as it is stored: only the hash of its token, and how often it was used.
///
/// It is good as long as whoever made it may see the file. Every change of it raises `version`, on which the next one
/// depends: so all nodes count as one, and a use that begins when the link is revoked does not begin.
struct FileLink: Sendable, StoredDocument {
  let id: LinkID
  let tokenHash: String
  let fileID: FileID
  let creatorID: UserID
  /// With which it was made.
  let sessionID: SessionID
  let createdAt: Timestamp
  let expiresAt: Timestamp
  let uses: LinkUses
  let revokedAt: Timestamp?
  let version: Int64
  /// When it is forgotten: some time after it expired, so that until then its bearer hears what became of it.
  let forgetAt: Timestamp

  static let schema = CollectionSchema(
    "links",
    indexes: [
      CollectionIndex("token", on: [.ascending("tokenHash")], kind: .unique),
      CollectionIndex("file", on: [.ascending("fileId"), .descending("id")]),
      CollectionIndex("expiry", on: [.ascending("forgetAt")], kind: .expiring),
    ])

  func life(at now: Timestamp) -> LinkLife {
    LinkLife(remaining: expiresAt.since(now), isRevoked: revokedAt != nil, uses: uses)
  }
}

extension FileLink {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    tokenHash = try document.field("tokenHash", \.asText)
    fileID = try document.field("fileId") { $0.asID() }
    creatorID = try document.field("creatorId") { $0.asID() }
    sessionID = try document.field("sessionId") { $0.asID() }
    createdAt = try document.field("createdAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    uses = LinkUses(
      limit: try document.optionalField("maxUses", \.asInteger).map { Int(clamping: $0) },
      counted: Int(clamping: try document.field("uses", \.asInteger)),
      unfinishedBytes: try document.optionalField("unfinishedBytes", \.asInteger) ?? 0,
      places: try document.optionalField("places", \.asPlaces) ?? [])
    revokedAt = try document.optionalField("revokedAt", \.asTime)
    version = try document.field("version", \.asInteger)
    forgetAt = try document.field("forgetAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "tokenHash": .string(tokenHash), "fileId": fileID.stored,
      "creatorId": creatorID.stored, "sessionId": sessionID.stored,
      "createdAt": .time(createdAt), "expiresAt": .time(expiresAt),
      "maxUses": uses.limit.map { .integer(Int64($0)) }, "uses": .integer(Int64(uses.counted)),
      "unfinishedBytes": uses.unfinishedBytes == 0 ? nil : .integer(uses.unfinishedBytes),
      "places": uses.storedPlaces, "revokedAt": revokedAt.map { .time($0) },
      "version": .integer(version), "forgetAt": .time(forgetAt),
    ])
  }

  /// The update that writes down what became of the uses, if nothing else changed meanwhile.
  func writing(_ uses: LinkUses) -> Update {
    Update(
      Self.schema.name,
      // An end is written for a revoked link too: what was sent was sent.
      where: .and([.id(id.description), .equal("version", .integer(version))]),
      [
        .set("uses", .integer(Int64(uses.counted))),
        .set("unfinishedBytes", .integer(uses.unfinishedBytes)),
        uses.storedPlaces.map { .set("places", $0) } ?? .unset("places"),
        .increment("version", 1),
      ])
  }
}

extension LinkUses {
  /// Places by their identifiers, and when they end in seconds since 1970.
  fileprivate var storedPlaces: DocumentValue? {
    guard !places.isEmpty else { return nil }
    return .object(
      Dictionary(places.map { ($0.id, .integer($0.ends.secondsSinceEpoch)) }) { _, last in last })
  }
}

extension DocumentValue {
  fileprivate var asPlaces: [LinkUses.Place]? {
    guard case .object(let fields) = self else { return nil }
    let places = fields.compactMap { id, value in
      value.asInteger.map { LinkUses.Place(id: id, ends: HTTPDate(secondsSinceEpoch: $0)) }
    }
    return places.count == fields.count ? places.sorted { $0.id < $1.id } : nil
  }
}

extension Timestamp {
  /// To the second, as HTTP has it.
  var httpDate: HTTPDate { HTTPDate(secondsSinceEpoch: milliseconds / 1000) }
}
