// How a filter is said to MongoDB.

import ArchiveCore
import MongoDriver

/// A condition as a document of MongoDB's query language.
///
/// Its comparisons keep types apart as ours do, and compare strings by their bytes; arrays do not get in
/// the way (see `DocumentBSON`). So each condition is said as it is, and whatever index there is can serve it.
enum FilterBSON {
  static func document(_ filter: Filter) -> BSONDocument {
    BSONDocument { append(filter, to: &$0) }
  }

  /// All of them.
  static func document(_ filter: Filter, and guards: [BSONDocument]) -> BSONDocument {
    if guards.isEmpty { return document(filter) }
    return BSONDocument { writer in
      writer.array("$and") { array in
        array.document { append(filter, to: &$0) }
        for condition in guards { array.append(condition) }
      }
    }
  }

  /// At most one element, which says all of the filter.
  private static func append(_ filter: Filter, to writer: inout BSONWriter) {
    switch filter {
    case .everything: break
    case .nothing: appendNothing(to: &writer)
    case .equal(let path, let value):
      // A bare scalar means equality, and looking up by `_id` alone has a path of its own in the server.
      DocumentBSON.append(StoredNames.path(path), value, to: &writer)
    case .less(let path, let value): compare(path, "$lt", value, &writer)
    case .lessOrEqual(let path, let value): compare(path, "$lte", value, &writer)
    case .greater(let path, let value): compare(path, "$gt", value, &writer)
    case .greaterOrEqual(let path, let value): compare(path, "$gte", value, &writer)
    case .oneOf(let path, let values):
      writer.document(StoredNames.path(path)) { condition in
        condition.array("$in") { DocumentBSON.append(values, to: &$0) }
      }
    case .exists(let path): appendExists(path, true, &writer)
    case .missing(let path): appendExists(path, false, &writer)
    case .contains(let path, let value):
      DocumentBSON.append(StoredNames.elements(of: path), value, to: &writer)
    case .prefix(let path, let text): appendPrefix(path, text, &writer)
    case .and(let filters): append(filters, joinedBy: "$and", &writer)
    case .or(let filters) where filters.isEmpty: appendNothing(to: &writer)
    case .or(let filters): append(filters, joinedBy: "$or", &writer)
    case .not(let filter):
      writer.array("$nor") { array in array.document { append(filter, to: &$0) } }
    }
  }

  private static func append(
    _ filters: [Filter], joinedBy word: String, _ writer: inout BSONWriter
  ) {
    if filters.count == 1 { return append(filters[0], to: &writer) }
    if filters.isEmpty { return }
    writer.array(word) { array in
      for filter in filters { array.document { append(filter, to: &$0) } }
    }
  }

  /// The server knows that this is nothing and does not look.
  private static func appendNothing(to writer: inout BSONWriter) {
    writer.document(StoredNames.identifier) { condition in condition.array("$in") { _ in } }
  }

  private static func compare(
    _ path: FieldPath, _ sign: String, _ value: DocumentValue, _ writer: inout BSONWriter
  ) {
    writer.document(StoredNames.path(path)) { DocumentBSON.append(sign, value, to: &$0) }
  }

  private static func appendExists(_ path: FieldPath, _ truth: Bool, _ writer: inout BSONWriter) {
    writer.document(StoredNames.path(path)) { $0.append("$exists", truth) }
  }

  /// The strings from the prefix up to the first that is above all that begin with it.
  private static func appendPrefix(_ path: FieldPath, _ text: String, _ writer: inout BSONWriter) {
    writer.document(StoredNames.path(path)) { condition in
      condition.append("$gte", text)
      if let end = firstString(aboveAllWithPrefix: text) { condition.append("$lt", end) }
    }
  }

  /// The prefix with its last code point raised by one. UTF-8 sorts as its code points do, so nothing else lies
  /// in between. `nil` where there is no such string: all code points are the highest, or there is none.
  static func firstString(aboveAllWithPrefix prefix: String) -> String? {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      // Surrogates are no code points of a string.
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      guard let raised = Unicode.Scalar(next) else { continue }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      text.append(raised)
      return String(text)
    }
    return nil
  }
}
