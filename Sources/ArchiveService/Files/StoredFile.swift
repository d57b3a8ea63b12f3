// What is kept of an uploaded file besides its bytes.

import ArchiveCore
import Uploads

/// A file that came in whole. Its bytes are the object `FileKeys.object(id)`, which is there before this document is
/// and goes after it was marked as deleted: nobody is told of a file that cannot be fetched.
///
/// Where it is used, the documents `FileUse` say. `revision` rises with each new use and when it is deleted, so of an
/// attachment and a deletion at the same moment one finds that the other was first.
struct StoredFile: Sendable, StoredDocument {
  let id: FileID
  /// Who uploaded it.
  let ownerID: UserID
  /// Clean, as people see it.
  let name: String
  /// What the bytes are.
  let content: SniffedContent
  let sizeBytes: Int64
  /// In hexadecimal.
  let sha256: String
  /// Of pictures: pixels as they are shown.
  let width: Int?
  let height: Int?
  let createdAt: Timestamp
  /// What others do not get of it.
  var metadata = MetadataFinding.unknown
  /// The small pictures of it; `nil` until somebody wanted to see them.
  var pictures: FilePictures?
  var revision: Int64 = 0
  /// Since when nothing is known to use it: from its upload to its first use, again from the deletion of a message that
  /// had it, and from a change of its owner's picture. `FileCare` looks at those whose time is up.
  var looseSince: Timestamp?
  /// Since then it does not exist for anybody; what is left of it is on its way out.
  var deletedAt: Timestamp?

  /// 128 random bits, so that nobody guesses an id from another.
  static func newID(_ surroundings: Surroundings) -> FileID {
    FileID(ULID(high: surroundings.random(), low: surroundings.random()))
  }

  static let schema = CollectionSchema(
    "files", indexes: [CollectionIndex("loose", on: [.ascending("looseSince")])])
}

extension StoredFile {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    ownerID = try document.field("ownerId") { $0.asID() }
    name = try document.field("name", \.asText)
    content = SniffedContent(contentType: try document.field("contentType", \.asText))
    sizeBytes = try document.field("size", \.asInteger)
    sha256 = try document.field("sha256", \.asText)
    width = try document.optionalField("width", \.asInteger).map { Int(clamping: $0) }
    height = try document.optionalField("height", \.asInteger).map { Int(clamping: $0) }
    createdAt = try document.field("createdAt", \.asTime)
    metadata = MetadataFinding(
      stored: try document.optionalField("metadata", \.asText) ?? "")
    pictures = try document["pictures"].map { (value) throws(StoreError) in try FilePictures(value)
    }
    revision = try document.optionalField("revision", \.asInteger) ?? 0
    looseSince = try document.optionalField("looseSince", \.asTime)
    deletedAt = try document.optionalField("deletedAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "ownerId": ownerID.stored, "name": .string(name),
      "contentType": .string(content.contentType), "size": .integer(sizeBytes),
      "sha256": .string(sha256), "width": width.map { .integer(Int64($0)) },
      "height": height.map { .integer(Int64($0)) }, "createdAt": .time(createdAt),
      "metadata": metadata.stored.map { .string($0) }, "pictures": pictures?.stored,
      "revision": .integer(revision),
      "looseSince": looseSince.map { .time($0) },
      "deletedAt": deletedAt.map { .time($0) },
    ])
  }

  /// As an entry carries it.
  var attached: AttachedFile {
    AttachedFile(
      id: id, name: name, contentType: content.contentType, sizeBytes: sizeBytes,
      width: width.map(Int64.init), height: height.map(Int64.init))
  }

  /// The very document that was read: no use came since, and nobody deleted it.
  var isUnchanged: Filter {
    .and([.id(id.description), .equal("revision", .integer(revision)), .missing("deletedAt")])
  }
}

extension MetadataFinding {
  private static let noneText = "none"

  /// What `stored` wrote; whatever else is there tells nothing.
  fileprivate init(stored text: String) {
    self = text == Self.noneText ? .none : CleanCopy(text: text).map { .removable($0) } ?? .unknown
  }

  fileprivate var stored: String? {
    switch self {
    case .none: Self.noneText
    case .removable(let copy): copy.text
    case .unknown: nil
    }
  }
}

/// Where the bytes of files lie.
enum FileKeys {
  /// What all keys of files begin with.
  static let prefix = "files/"

  static func object(_ id: FileID) -> ObjectKey { ObjectKey(trusted: prefix + id.description) }
}
