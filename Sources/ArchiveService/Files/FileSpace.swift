// How much of the store each user's files take.

import ArchiveCore

/// The sum of the sizes of a user's files; its identifier is the user's. Changed in the transaction that adds a file or
/// takes one away, so it is exact.
struct FileSpace: Sendable, StoredDocument {
  let userID: UserID
  let bytes: Int64

  static let schema = CollectionSchema("fileSpace")

  /// Fails its transaction where the quota would be exceeded. The document is there: see `prepare`.
  static func taking(_ bytes: Int64, of user: UserID, quota: Int64) -> TransactionStep {
    let hasRoom = Filter.lessOrEqual("bytes", .integer(quota - bytes))
    return .update(
      Update(
        schema.name, where: .and([.id(user.description), hasRoom]), [.increment("bytes", bytes)]),
      mustMatch: true)
  }

  static func giving(_ bytes: Int64, to user: UserID) -> TransactionStep {
    .update(
      Update(schema.name, where: .id(user.description), [.increment("bytes", -bytes)]),
      mustMatch: false)
  }

  /// The user's document, made where it is missing.
  static func prepare(_ user: UserID, in documents: any DocumentStore) async throws(StoreError)
    -> FileSpace
  {
    let spaces = Collection(FileSpace.self, in: documents)
    if let space = try await spaces.find(id: user.description) { return space }
    let empty = FileSpace(userID: user, bytes: 0)
    do {
      try await spaces.insert(empty)
    } catch  where error.kind == .conflict {
      // Somebody else made it in the same moment.
    }
    return try await spaces.find(id: user.description) ?? empty
  }
}

extension FileSpace {
  init(document: Document) throws(StoreError) {
    userID = try document.field("id") { $0.asID() }
    bytes = try document.field("bytes", \.asInteger)
  }

  func document() throws(StoreError) -> Document {
    Document(["id": userID.stored, "bytes": .integer(bytes)])
  }
}
