// How a document is read from BSON.

import ArchiveCore
import MongoDriver

/// Reads the documents that `DocumentBSON` writes; what it did not write is `corrupt`.
enum DocumentBSONReader {
  static func documents(_ found: [BSONDocument]) throws(StoreError) -> [Document] {
    var documents: [Document] = []
    documents.reserveCapacity(found.count)
    for bson in found { documents.append(try document(bson)) }
    return documents
  }

  static func document(_ bson: BSONDocument) throws(StoreError) -> Document {
    var fields: [String: DocumentValue] = [:]
    var version: Int64?
    do throws(BSONError) {
      try bson.read { (reader) throws(BSONError) in
        while try reader.next() {
          let name = try reader.name()
          switch name {
          case StoredNames.identifier: fields["id"] = try value(in: reader)
          case StoredNames.version: version = try reader.value().asInteger
          case StoredNames.displaced: fields[StoredNames.identifier] = try value(in: reader)
          // Ours, and not to be shown.
          case _ where name.utf8.contains(UInt8(ascii: "-")): break
          default: fields[name] = try value(in: reader)
          }
        }
      }
    } catch {
      throw StoreError(.corrupt, "a stored document is damaged", cause: error)
    }
    try check(version)
    return Document(fields)
  }

  private static func check(_ version: Int64?) throws(StoreError) {
    guard let version else {
      throw StoreError(.corrupt, "a stored document lacks its field=`\(StoredNames.version)`")
    }
    guard (1...Int64(DocumentBSON.version)).contains(version) else {
      throw StoreError(
        .refused, "a stored document is of a newer program version=`\(version)`",
        hint: "run the newer program")
    }
  }

  private static func value(in reader: BSONReader) throws(BSONError) -> DocumentValue {
    switch reader.type {
    case .string: return .string(try reader.string())
    case .int64: return .integer(try reader.int64())
    case .bool: return .bool(try reader.bool())
    case .time: return .time(Timestamp(milliseconds: try reader.time().milliseconds))
    case .document: return try object(in: reader)
    case .array: return .array(try elements(in: reader))
    // Somebody's shell wrote it; filters take it for the same number.
    case .int32: return .integer(Int64(try reader.int32()))
    default: throw BSONError(.otherType, offset: 0)
    }
  }

  /// An object, or the array that lies in it.
  private static func object(in reader: BSONReader) throws(BSONError) -> DocumentValue {
    try reader.nested { (inner) throws(BSONError) in
      var fields: [String: DocumentValue] = [:]
      while try inner.next() {
        if inner.type == .array, inner.isNamed(StoredNames.elements) {
          return .array(try elements(in: inner))
        }
        fields[try inner.name()] = try value(in: inner)
      }
      return .object(fields)
    }
  }

  private static func elements(in reader: BSONReader) throws(BSONError) -> [DocumentValue] {
    try reader.nested { (inner) throws(BSONError) in
      var elements: [DocumentValue] = []
      while try inner.next() { elements.append(try value(in: inner)) }
      return elements
    }
  }
}
