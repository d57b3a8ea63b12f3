// How a filter is said in SQL.

import ArchiveCore

/// A condition with its bound values.
///
/// Every comparison is `json_extract(…) op ? AND json_type(…) = type`: the first half is what an index
/// holds, the second keeps the types apart, which `json_extract` does not (true is 1, `[1]` is a text).
struct FilterSQL {
  private(set) var sql = ""
  private(set) var values: [SQLValue] = []

  init(_ filter: Filter) { append(filter) }

  /// The value at a path, written the same way here, in orders and in indexes, so that indexes are used.
  static func value(at path: FieldPath) -> String {
    path.isIdentifier ? "id" : "json_extract(document,'$.\(path)')"
  }

  static func type(at path: FieldPath) -> String { "json_type(document,'$.\(path)')" }

  private mutating func append(_ filter: Filter) {
    switch filter {
    case .everything: sql += "1"
    case .nothing: sql += "0"
    case .equal(let path, let value): compare(path, "=", value)
    case .less(let path, let value): compare(path, "<", value)
    case .lessOrEqual(let path, let value): compare(path, "<=", value)
    case .greater(let path, let value): compare(path, ">", value)
    case .greaterOrEqual(let path, let value): compare(path, ">=", value)
    case .oneOf(let path, let values): appendOneOf(path, values)
    case .exists(let path): sql += "\(Self.value(at: path)) IS NOT NULL"
    case .missing(let path): sql += "\(Self.value(at: path)) IS NULL"
    case .contains(let path, let value): appendContains(path, value)
    case .prefix(let path, let text): appendPrefix(path, text)
    case .and(let filters): append(filters[...], joinedBy: " AND ", empty: "1")
    case .or(let filters): append(filters[...], joinedBy: " OR ", empty: "0")
    case .not(let filter):
      // A missing value makes a comparison NULL, which counts as false everywhere.
      sql += "("
      append(filter)
      sql += ") IS NOT TRUE"
    }
  }

  /// Long lists are grouped, because SQLite allows an expression a depth of 1,000 and a chain is as deep as long.
  private mutating func append(
    _ filters: ArraySlice<Filter>, joinedBy word: String, empty: String
  ) {
    if filters.isEmpty {
      sql += empty
      return
    }
    let groupSize = filters.count > 40 ? max(40, (filters.count + 39) / 40) : 1
    var start = filters.startIndex
    sql += "("
    while start < filters.endIndex {
      if start > filters.startIndex { sql += word }
      let end = min(start + groupSize, filters.endIndex)
      if groupSize == 1 {
        append(filters[start])
      } else {
        append(filters[start..<end], joinedBy: word, empty: empty)
      }
      start = end
    }
    sql += ")"
  }

  private mutating func compare(_ path: FieldPath, _ sign: String, _ value: DocumentValue) {
    guard let scalar = Scalar(value), !path.isIdentifier || scalar.type == "'text'" else {
      sql += "0"
      return
    }
    sql += "(\(Self.value(at: path))\(sign)?"
    values.append(scalar.value)
    appendType(path, scalar.type)
    sql += ")"
  }

  private mutating func appendType(_ path: FieldPath, _ type: String) {
    if !path.isIdentifier { sql += " AND \(Self.type(at: path)) IN (\(type))" }
  }

  private mutating func appendOneOf(_ path: FieldPath, _ operands: [DocumentValue]) {
    var byType: [String: [SQLValue]] = [:]
    for case let scalar? in operands.map(Scalar.init) {
      if path.isIdentifier && scalar.type != "'text'" { continue }
      byType[scalar.type, default: []].append(scalar.value)
    }
    guard !byType.isEmpty else {
      sql += "0"
      return
    }
    sql += "("
    for (index, (type, group)) in byType.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { sql += " OR " }
      let marks = String(repeating: "?,", count: group.count).dropLast()
      sql += "(\(Self.value(at: path)) IN (\(marks))"
      values += group
      appendType(path, type)
      sql += ")"
    }
    sql += ")"
  }

  private mutating func appendContains(_ path: FieldPath, _ value: DocumentValue) {
    guard let scalar = Scalar(value) else {
      sql += "0"
      return
    }
    sql += "(\(Self.type(at: path))='array' AND EXISTS (SELECT 1 FROM "
    sql += "json_each(document,'$.\(path)') AS e WHERE e.value=? AND e.type IN (\(scalar.type))))"
    values.append(scalar.value)
  }

  /// The strings from the prefix up to the first that is above all that begin with it.
  private mutating func appendPrefix(_ path: FieldPath, _ text: String) {
    let lower = DocumentJSON.comparable(text)
    var upper = lower
    sql += "(\(Self.value(at: path))>=?"
    values.append(.text(lower))
    if let last = upper.popLast() {
      // No byte of UTF-8 is 0xFF, so this does not overflow.
      upper.append(last + 1)
      sql += " AND \(Self.value(at: path))<?"
      values.append(.text(upper))
    }
    appendType(path, "'text'")
    sql += ")"
  }
}

/// A scalar operand: what is bound, and SQLite's names for its type.
private struct Scalar {
  let value: SQLValue
  let type: String

  init?(_ value: DocumentValue) {
    switch value {
    case .bool(let truth): (self.value, type) = (.integer(truth ? 1 : 0), "'true','false'")
    case .integer(let number): (self.value, type) = (.integer(number), "'integer'")
    case .time(let time): (self.value, type) = (.real(Double(time.milliseconds)), "'real'")
    case .string(let text): (self.value, type) = (.text(DocumentJSON.comparable(text)), "'text'")
    case .array, .object: return nil
    }
  }
}

extension FieldPath {
  /// Comparing with a literal would read the literal anew each time.
  fileprivate var isIdentifier: Bool { names.count == 1 && names[0] == "id" }
}
