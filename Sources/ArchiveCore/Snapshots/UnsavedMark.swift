// Which documents no snapshot holds as they are now: said by a field of each, and by a document for each deleted one.

/// The field of a snapshotted document that is there from a change until a snapshot holds it.
///
/// Its value is new with every change. A snapshot that took a document removes the field only where it still has the
/// value that was read, so a change that comes in between stays marked.
enum UnsavedMark {
  static let name = "unsaved"
  static let path: FieldPath = "unsaved"
  static let isUnsaved = Filter.greater(path, .string(""))
  static let order = SortKey.ascending(path)
}

extension CollectionSchema {
  /// The same collection with the index by which snapshots find what changed. Every snapshotted collection needs it.
  public var snapshotted: CollectionSchema {
    CollectionSchema(
      name, indexes: indexes + [CollectionIndex(UnsavedMark.name, on: [UnsavedMark.order])])
  }
}

extension Document {
  /// As it was written by whoever owns it.
  var withoutUnsavedMark: Document {
    var document = self
    document.fields[UnsavedMark.name] = nil
    return document
  }
}

/// A document that was deleted, or may have been, since the last snapshot: look at it in the next one.
struct UnsavedDeletion: Codable, Sendable {
  /// `{collection}/{document}`.
  let id: String
  let collection: String
  let document: String
  let unsaved: String

  /// Stands for deletions that cannot be told one by one: only a full snapshot takes note of them.
  static let everything = "*"

  var isEverything: Bool { id == Self.everything }

  /// The step that notes a deletion by a filter.
  static func step(_ collection: CollectionName, where filter: Filter, token: String)
    -> TransactionStep
  {
    guard let document = filter.onlyID,
      case let id = "\(collection)/\(document)", id.utf8.count <= Document.idLimitBytes
    else { return step(everything, everything, everything, token) }
    return step(id, collection.description, document, token)
  }

  /// The step that asks for a full snapshot.
  static func everythingStep(token: String) -> TransactionStep {
    step(everything, everything, everything, token)
  }

  private static func step(_ id: String, _ collection: String, _ document: String, _ token: String)
    -> TransactionStep
  {
    .update(
      Update(
        schema.name, where: .id(id),
        [
          .set("collection", .string(collection)), .set("document", .string(document)),
          .set(UnsavedMark.path, .string(token)),
        ], extent: .upsert(insertedOnMiss: Document(["id": .string(id)]))),
      mustMatch: true)
  }

  /// The step that forgets it, unless it was noted again.
  var removal: TransactionStep {
    .delete(
      Self.schema.name, where: .and([.id(id), .equal(UnsavedMark.path, .string(unsaved))]))
  }
}

extension UnsavedDeletion: StoredDocument {
  static let schema = CollectionSchema("snapshotDeletions").snapshotted
}

extension Filter {
  /// The one identifier that a document must have to satisfy it; `nil` where that cannot be told.
  fileprivate var onlyID: String? {
    switch self {
    case .equal(let path, .string(let id)) where path == "id": id
    case .and(let filters): filters.lazy.compactMap(\.onlyID).first
    default: nil
    }
  }
}
