// What changed in a collection.

/// One event of a change stream (https://www.mongodb.com/docs/manual/reference/change-events/).
public struct MongoChange: Sendable {
  public enum Kind: Hashable, Sendable {
    case inserted, updated, replaced, deleted
    /// The collection was dropped or renamed.
    case invalidated
    case other(String)
  }

  public let kind: Kind
  /// The `_id` of the document, in a document, with the shard's key where there is one.
  public let key: BSONDocument?
  /// The document as it is; for an update as it was when the server looked, which may be after later changes,
  /// and `nil` if it was deleted by then.
  public let document: BSONDocument?
  /// Behind this change a stream can be resumed.
  public let position: BSONDocument

  init(_ event: BSONDocument) throws(MongoError) {
    var (name, position): (String?, BSONDocument?) = (nil, nil)
    var (key, document): (BSONDocument?, BSONDocument?) = (nil, nil)
    do throws(BSONError) {
      try event.read { (reader) throws(BSONError) in
        while try reader.next() {
          if reader.isNamed("_id") { position = try reader.document() }
          if reader.isNamed("operationType") { name = try reader.string() }
          if reader.isNamed("documentKey") { key = try reader.document() }
          if reader.isNamed("fullDocument"), reader.type == .document {
            document = try reader.document()
          }
        }
      }
    } catch {
      throw MongoError.badAnswer("event offset=`\(error.offset)`")
    }
    guard let name, let position else { throw MongoError.badAnswer("_id or operationType") }
    (kind, self.position) = (Self.kind(name), position)
    (self.key, self.document) = (key, document)
  }

  private static func kind(_ name: String) -> Kind {
    switch name {
    case "insert": .inserted
    case "update": .updated
    case "replace": .replaced
    case "delete": .deleted
    case "invalidate": .invalidated
    default: .other(name)
    }
  }
}

/// Where a change stream begins.
public enum MongoChangeStart: Sendable {
  /// With what changes after `changes` was called.
  case now
  /// Behind the position of a change, or of a stream.
  case after(BSONDocument)
  /// With the changes since that moment of the server's log.
  case at(BSONTimestamp)
}
