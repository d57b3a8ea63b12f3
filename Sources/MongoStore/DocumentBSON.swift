// How a document is written as BSON.
//
// - `id` is `_id` and comes first; then `schema-version`; then all other fields, sorted by name, as
//   inside objects, so that equal values are equal bytes.
// - Integers are int64 always, times are UTC datetimes.
// - An array that is a field lies in a document with the one field `-`: `{"tags": {"-": ["x"]}}`. MongoDB looks
//   through bare arrays: a filter on a field also means its elements, a path goes through the objects in them, a unique
//   index and the bounds of a range hold for each element, two arrays cannot be in one index, and a number in a path
//   is a place in them. In a document of its own an array is one value, as everywhere else, and no filter, no
//   index and no update needs to be guarded against it. Arrays inside of arrays, where no path leads, are bare.

import ArchiveCore
import MongoDriver

/// Writes documents as BSON. The caller has checked them with `checkStorable`.
enum DocumentBSON {
  /// The layout that this program writes. A document with a higher number is of a newer program.
  static let version: Int32 = 1

  static func document(_ document: Document) -> BSONDocument {
    BSONDocument(reservingBytes: roughSize(of: document)) { writer in
      writer.append(StoredNames.identifier, document.id ?? "")
      writer.append(StoredNames.version, version)
      for name in document.fields.keys.sorted() where name != "id" {
        guard let value = document.fields[name] else { continue }
        append(StoredNames.field(name), value, to: &writer)
      }
    }
  }

  /// A field whose arrays can be reached by paths.
  static func append(_ name: String, _ value: DocumentValue, to writer: inout BSONWriter) {
    switch value {
    case .array(let elements):
      writer.document(name) { wrapper in
        wrapper.array(StoredNames.elements) { append(elements, to: &$0) }
      }
    case .object(let fields):
      writer.document(name) { inner in
        for (name, value) in sorted(fields) { append(name, value, to: &inner) }
      }
    case .bool(let truth): writer.append(name, truth)
    case .integer(let number): writer.append(name, number)
    case .string(let text): writer.append(name, text)
    case .time(let time): writer.append(name, BSONTime(milliseconds: time.milliseconds))
    }
  }

  static func append(_ elements: [DocumentValue], to array: inout BSONArrayWriter) {
    for element in elements { append(element, to: &array) }
  }

  /// An element of an array.
  static func append(_ element: DocumentValue, to array: inout BSONArrayWriter) {
    switch element {
    case .array(let elements): array.array { append(elements, to: &$0) }
    case .object(let fields): array.document { append(insideArray: fields, to: &$0) }
    case .bool(let truth): array.append(truth)
    case .integer(let number): array.append(number)
    case .string(let text): array.append(text)
    case .time(let time): array.append(BSONTime(milliseconds: time.milliseconds))
    }
  }

  /// A value in the form that it has as an element of an array.
  static func append(elementAs name: String, _ value: DocumentValue, to writer: inout BSONWriter) {
    switch value {
    case .array(let elements): writer.array(name) { append(elements, to: &$0) }
    case .object(let fields): writer.document(name) { append(insideArray: fields, to: &$0) }
    case .bool, .integer, .string, .time: append(name, value, to: &writer)
    }
  }

  private static func append(
    insideArray fields: [String: DocumentValue], to writer: inout BSONWriter
  ) {
    for (name, value) in sorted(fields) { append(elementAs: name, value, to: &writer) }
  }

  private static func sorted(_ fields: [String: DocumentValue])
    -> [(key: String, value: DocumentValue)]
  {
    fields.count == 1 ? Array(fields) : fields.sorted { $0.key < $1.key }
  }

  /// So that the bytes of most documents are allocated once.
  private static func roughSize(of document: Document) -> Int {
    var size = 48
    for (name, value) in document.fields {
      size += name.utf8.count + 16
      switch value {
      case .string(let text): size += text.utf8.count
      case .array(let elements): size += 32 * elements.count
      case .object(let fields): size += 48 * fields.count
      case .bool, .integer, .time: break
      }
    }
    return size
  }
}
