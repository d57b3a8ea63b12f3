// What the operator was told already, on all nodes.

import ArchiveCore

/// The memory of one trouble.
struct ToldAlert: Sendable, Hashable, StoredDocument {
  /// `OperatorAlert.key`.
  let id: String
  /// As it was told, to tell its end.
  let title: String
  let toldAt: Timestamp
  /// When a node last met it.
  let seenAt: Timestamp
  /// It was told that it began, and not yet that it is over.
  let isOpen: Bool
  /// Moved on with each telling; then the document removes itself.
  let expiresAt: Timestamp

  static let schema = CollectionSchema(
    "alerts",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])

  init(id: String, title: String, at now: Timestamp, isOpen: Bool) {
    (self.id, self.title, self.isOpen) = (id, title, isOpen)
    (toldAt, seenAt) = (now, now)
    expiresAt = now.advanced(by: .seconds(30 * 86_400))
  }

  init(document: Document) throws(StoreError) {
    id = try document.field("id", \.asText)
    title = try document.field("title", \.asText)
    toldAt = try document.field("toldAt", \.asTime)
    seenAt = try document.field("seenAt", \.asTime)
    isOpen = try document.field("isOpen") { if case .bool(let value) = $0 { value } else { nil } }
    expiresAt = try document.field("expiresAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document([
      "id": .string(id), "title": .string(title), "toldAt": .time(toldAt),
      "seenAt": .time(seenAt), "isOpen": .bool(isOpen), "expiresAt": .time(expiresAt),
    ])
  }

  /// Takes the place of `old`, and fails its transaction where another node was faster.
  func step(replacing old: ToldAlert?) throws(StoreError) -> TransactionStep {
    guard let old else { return .insert(try document(), into: Self.schema.name) }
    return .update(
      Update(
        Self.schema.name, where: old.isUnchanged,
        [
          .set("title", .string(title)), .set("toldAt", .time(toldAt)),
          .set("seenAt", .time(seenAt)), .set("isOpen", .bool(isOpen)),
          .set("expiresAt", .time(expiresAt)),
        ]), mustMatch: true)
  }

  private var isUnchanged: Filter {
    .and([
      .id(id), .equal("toldAt", .time(toldAt)), .equal("seenAt", .time(seenAt)),
      .equal("isOpen", .bool(isOpen)),
    ])
  }
}
