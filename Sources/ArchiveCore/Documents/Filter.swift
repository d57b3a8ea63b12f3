// Which documents an operation means, the same on every engine.

/// A condition on one document.
///
/// Comparisons never cross types: `less("n", .integer(5))` holds only where `n` is an integer below 5.
/// Strings compare by their UTF-8 bytes, times by moment, `false` before `true`.
/// `equal` means the very value: an array is not equal to one of its elements.
public indirect enum Filter: Hashable, Sendable {
  case everything
  case nothing
  /// The value at the path is exactly this one. Operands are scalars (bool, integer, string, time).
  case equal(FieldPath, DocumentValue)
  /// The value at the path is one of these scalars. An empty list matches nothing.
  case oneOf(FieldPath, [DocumentValue])
  case less(FieldPath, DocumentValue)
  case lessOrEqual(FieldPath, DocumentValue)
  case greater(FieldPath, DocumentValue)
  case greaterOrEqual(FieldPath, DocumentValue)
  case exists(FieldPath)
  case missing(FieldPath)
  /// The value at the path is an array, and this scalar is one of its elements.
  case contains(FieldPath, DocumentValue)
  /// The value at the path is a string that begins with these bytes.
  case prefix(FieldPath, String)
  case and([Filter])
  case or([Filter])
  case not(Filter)

  /// The document with that identifier.
  public static func id(_ id: String) -> Filter { .equal("id", .string(id)) }
}

extension Filter {
  /// Whether the document satisfies the condition. This is the definition; engines must agree with it.
  public func matches(_ document: Document) -> Bool {
    switch self {
    case .everything: true
    case .nothing: false
    case .equal(let path, let value): document[path] == value
    case .oneOf(let path, let values): document[path].map(values.contains) ?? false
    case .less(let path, let value): compare(document[path], value) { $0 < 0 }
    case .lessOrEqual(let path, let value): compare(document[path], value) { $0 <= 0 }
    case .greater(let path, let value): compare(document[path], value) { $0 > 0 }
    case .greaterOrEqual(let path, let value): compare(document[path], value) { $0 >= 0 }
    case .exists(let path): document[path] != nil
    case .missing(let path): document[path] == nil
    case .contains(let path, let value):
      if case .array(let elements)? = document[path] { elements.contains(value) } else { false }
    case .prefix(let path, let text):
      if case .string(let string)? = document[path] {
        string.utf8.starts(with: text.utf8)
      } else {
        false
      }
    case .and(let filters): filters.allSatisfy { $0.matches(document) }
    case .or(let filters): filters.contains { $0.matches(document) }
    case .not(let filter): !filter.matches(document)
    }
  }

  private func compare(_ left: DocumentValue?, _ right: DocumentValue, _ holds: (Int) -> Bool)
    -> Bool
  {
    guard let left, let order = left.order(against: right) else { return false }
    return holds(order)
  }
}

extension DocumentValue {
  /// Below, at or above zero as this sorts before, with or after `other`; `nil` where the two are
  /// of different types or no scalars.
  public func order(against other: DocumentValue) -> Int? {
    switch (self, other) {
    case (.bool(let left), .bool(let right)):
      (left ? 1 : 0) - (right ? 1 : 0)
    case (.integer(let left), .integer(let right)):
      left < right ? -1 : left > right ? 1 : 0
    case (.time(let left), .time(let right)):
      left < right ? -1 : left > right ? 1 : 0
    case (.string(let left), .string(let right)):
      left.utf8.lexicographicallyPrecedes(right.utf8)
        ? -1 : right.utf8.lexicographicallyPrecedes(left.utf8) ? 1 : 0
    default: nil
    }
  }

  /// Whether it is a bool, an integer, a string or a time.
  public var isScalar: Bool {
    switch self {
    case .bool, .integer, .string, .time: true
    case .array, .object: false
    }
  }
}
