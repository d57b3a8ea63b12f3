// What the scanner said of certain bytes.

import ArchiveCore

/// A verdict on all files with the same bytes; its identifier is their SHA-256 in hexadecimal.
///
/// It is forgotten after some days: then the same bytes are searched again, by a scanner that knows more by then.
struct FileVerdict: Sendable, StoredDocument {
  let sha256: String
  let result: ScanResult
  let at: Timestamp
  let expiresAt: Timestamp

  static let schema = CollectionSchema(
    "verdicts",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])
}

extension FileVerdict {
  init(document: Document) throws(StoreError) {
    sha256 = try document.field("id", \.asText)
    at = try document.field("at", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    let virus = try document.optionalField("virus", \.asText)
    let isTooLarge = document["isTooLarge"] == .bool(true)
    result = virus.map { .infected($0) } ?? (isTooLarge ? .tooLarge : .clean)
  }

  func document() throws(StoreError) -> Document {
    var virus: String?
    if case .infected(let name) = result { virus = name }
    return Document(present: [
      "id": .string(sha256), "at": .time(at), "expiresAt": .time(expiresAt),
      "virus": virus.map { .string($0) }, "isTooLarge": result == .tooLarge ? .bool(true) : nil,
    ])
  }
}
