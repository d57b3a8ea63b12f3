// An upload that comes in pieces, between two of them.

import ArchiveCore
import Uploads

/// What every node knows of an upload by tus. Its identifier is that of the file that it becomes.
///
/// `offset` moves only when the bytes before it are durable: each piece is an object of its own, and its document,
/// `UploadPiece`, is written in the transaction that moves the offset. Two who send at once expect the same offset, and
/// one of them finds that it has moved.
struct ResumableUpload: Sendable, StoredDocument {
  let id: FileID
  let ownerID: UserID
  /// `nil` while the client has not said it.
  var length: Int64?
  var offset: Int64 = 0
  /// As it came.
  let metadata: String?
  let createdAt: Timestamp
  /// When it goes, finished or not.
  var expiresAt: Timestamp
  /// Ended by its owner, or refused; kept until it expires, so that a client is told so.
  var isTerminated = false
  /// It is a file. The pieces are gone, or going.
  var isDone = false

  static let schema = CollectionSchema(
    "uploads",
    indexes: [
      CollectionIndex("owner", on: [.ascending("ownerId")]),
      CollectionIndex("expiry", on: [.ascending("expiresAt")]),
      CollectionIndex("ready", on: [.ascending("isReady")]),
    ])

  /// All bytes are there, and there is no file yet.
  var isReady: Bool { length == offset && !isTerminated && !isDone }

  /// As the protocol sees it.
  var tus: TusUpload {
    TusUpload(
      length: length, offset: offset, metadata: metadata,
      expires: HTTPDate(secondsSinceEpoch: expiresAt.milliseconds / 1000),
      isTerminated: isTerminated)
  }

  /// The name that the client gave the file.
  var name: String { metadata.flatMap { TusMetadata($0) }?.filename ?? "" }

  /// The upload as it was read: nobody sent, ended or finished it since.
  var isUnchanged: Filter {
    .and([
      .id(id.description), .equal("offset", .integer(offset)), .missing("isTerminated"),
      .missing("isDone"),
    ])
  }

  /// The update that ends it, `isDone` or `isTerminated`, where nothing happened to it since it was read.
  func ending(_ state: FieldPath) -> Update {
    Update(Self.schema.name, where: isUnchanged, [.set(state, .bool(true)), .unset("isReady")])
  }
}

extension ResumableUpload {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    ownerID = try document.field("ownerId") { $0.asID() }
    length = try document.optionalField("length", \.asInteger)
    offset = try document.field("offset", \.asInteger)
    metadata = try document.optionalField("metadata", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
    isTerminated = document["isTerminated"] != nil
    isDone = document["isDone"] != nil
  }

  func document() throws(StoreError) -> Document {
    Document(present: [
      "id": id.stored, "ownerId": ownerID.stored, "length": length.map { .integer($0) },
      "offset": .integer(offset), "metadata": metadata.map { .string($0) },
      "createdAt": .time(createdAt), "expiresAt": .time(expiresAt),
      "isTerminated": isTerminated ? .bool(true) : nil, "isDone": isDone ? .bool(true) : nil,
      "isReady": isReady ? .bool(true) : nil,
    ])
  }
}

/// Some bytes of an upload, as an object of their own.
struct UploadPiece: Sendable, StoredDocument {
  let uploadID: FileID
  /// Where they begin.
  let offset: Int64
  let sizeBytes: Int64
  let key: ObjectKey

  /// What all keys of pieces begin with.
  static let prefix = "uploads/"

  static let schema = CollectionSchema("uploadPieces")

  /// All pieces of an upload; in the order of identifiers they are in the order of their bytes.
  static func filter(of upload: FileID) -> Filter { .prefix("id", "\(upload)/") }

  /// A key that no other attempt at the same bytes has. Without a folder of its own, which a directory would keep.
  static func newKey(_ upload: FileID, _ offset: Int64, _ surroundings: Surroundings) -> ObjectKey {
    ObjectKey(trusted: "\(prefix)\(upload)-\(digits(offset))-\(surroundings.newID())")
  }

  var id: String { "\(uploadID)/\(Self.digits(offset))" }

  private static func digits(_ offset: Int64) -> String {
    let digits = String(max(0, offset))
    return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
  }
}

extension UploadPiece {
  init(document: Document) throws(StoreError) {
    let parts = (document.id ?? "").split(separator: "/")
    guard parts.count == 2, let upload = FileID(String(parts[0])),
      let offset = Int64(parts[1])
    else { throw StoreError(.corrupt, "a piece of an upload has no proper id") }
    (uploadID, self.offset) = (upload, offset)
    sizeBytes = try document.field("size", \.asInteger)
    key = try document.field("key") { $0.asText.flatMap { ObjectKey($0) } }
  }

  var stored: Document {
    Document([
      "id": .string(id), "size": .integer(sizeBytes), "key": .string(key.description),
    ])
  }

  func document() throws(StoreError) -> Document { stored }
}
