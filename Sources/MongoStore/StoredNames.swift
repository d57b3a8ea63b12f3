// What a document's fields are called in MongoDB, and which fields are the store's own.

import ArchiveCore

/// The names that differ between a document of the port and a document in MongoDB.
///
/// A user's field name has no dash (see `FieldPath.isName`), so every name with one is ours.
enum StoredNames {
  /// The field `id`, which has MongoDB's own unique index.
  static let identifier = "_id"
  /// Where a user's own field `_id` lies.
  static let displaced = "user-_id"
  /// How the document is laid out; see `DocumentBSON.version`.
  static let version = "schema-version"
  /// Counts how often a transaction expected the document to be as it is. Never shown.
  static let touches = "touch-count"
  /// The one field of the document that an array lies in; see `DocumentBSON`.
  static let elements = "-"

  /// The name in MongoDB of a field of the document itself.
  static func field(_ name: String) -> String {
    switch name {
    case "id": identifier
    case identifier: displaced
    default: name
    }
  }

  /// The path in MongoDB of a path in a document.
  static func path(_ path: FieldPath) -> String {
    let first = field(path.names[0])
    return path.names.count == 1
      ? first : first + "." + path.names.dropFirst().joined(separator: ".")
  }

  /// The path of the elements of the array at a path.
  static func elements(of path: FieldPath) -> String { self.path(path) + "." + elements }
}
