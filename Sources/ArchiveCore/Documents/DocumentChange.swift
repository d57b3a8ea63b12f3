// What an update does to a document, the same on every engine.

/// One change to one field. Paths in one update must not overlap (`a` and `a.b`).
public enum DocumentChange: Hashable, Sendable {
  /// Missing objects on the way are made.
  case set(FieldPath, DocumentValue)
  case unset(FieldPath)
  /// A missing field counts as zero. Overflow and a field that is no integer are `invalid`.
  case increment(FieldPath, Int64)
  /// Sets the field where it is missing or less; another type is `invalid`.
  case max(FieldPath, DocumentValue)
  /// Appends to an array unless it is there already; a missing field counts as empty.
  case addToSet(FieldPath, DocumentValue)
  /// Appends to an array; a missing field counts as empty.
  case push(FieldPath, DocumentValue)
  /// Removes every equal element of an array; a missing field stays missing.
  case pull(FieldPath, DocumentValue)

  public var path: FieldPath {
    switch self {
    case .set(let path, _), .unset(let path), .increment(let path, _), .max(let path, _),
      .addToSet(let path, _), .push(let path, _), .pull(let path, _):
      path
    }
  }
}

extension Document {
  /// The document after the changes; the identifier cannot be changed. This is the definition; engines must agree with it.
  public func applying(_ changes: [DocumentChange]) throws(StoreError) -> Document {
    for (index, change) in changes.enumerated() {
      if change.path.names[0] == "id" { throw StoreError(.invalid, "an update changes field=`id`") }
      for other in changes[..<index] where change.path.overlaps(other.path) {
        throw StoreError(.invalid, "an update changes a field twice field=`\(change.path)`")
      }
    }
    var document = self
    for change in changes {
      document.fields = try Self.applying(
        change, to: document.fields, names: change.path.names[...])
    }
    return document
  }

  private static func applying(
    _ change: DocumentChange, to fields: [String: DocumentValue], names: ArraySlice<String>
  ) throws(StoreError) -> [String: DocumentValue] {
    guard let name = names.first else { return fields }
    var fields = fields
    if names.count == 1 {
      fields[name] = try change.result(on: fields[name])
      return fields
    }
    switch fields[name] {
    case .object(let inner):
      fields[name] = .object(try applying(change, to: inner, names: names.dropFirst()))
    case nil where change.createsField:
      fields[name] = .object(try applying(change, to: [:], names: names.dropFirst()))
    case nil: break
    case .some where change.createsField:
      throw StoreError(.invalid, "a step of the path is no object field=`\(change.path)`")
    case .some: break
    }
    return fields
  }
}

extension FieldPath {
  fileprivate func overlaps(_ other: FieldPath) -> Bool {
    zip(names, other.names).allSatisfy { $0 == $1 }
  }
}

extension DocumentChange {
  fileprivate var createsField: Bool {
    switch self {
    case .set, .increment, .max, .addToSet, .push: true
    case .unset, .pull: false
    }
  }

  fileprivate func result(on old: DocumentValue?) throws(StoreError) -> DocumentValue? {
    switch self {
    case .set(_, let value): return value
    case .unset: return nil
    case .increment(_, let amount):
      guard let old else { return .integer(amount) }
      guard case .integer(let number) = old else { throw wrongType }
      let (sum, overflow) = number.addingReportingOverflow(amount)
      if overflow { throw StoreError(.invalid, "an increment overflows field=`\(path)`") }
      return .integer(sum)
    case .max(_, let value):
      guard let old else { return value }
      guard let order = old.order(against: value) else { throw wrongType }
      return order < 0 ? value : old
    case .addToSet(_, let value):
      let elements = try array(old)
      return .array(elements.contains(value) ? elements : elements + [value])
    case .push(_, let value):
      return .array(try array(old) + [value])
    case .pull(_, let value):
      guard old != nil else { return nil }
      return .array(try array(old).filter { $0 != value })
    }
  }

  private func array(_ old: DocumentValue?) throws(StoreError) -> [DocumentValue] {
    guard let old else { return [] }
    guard case .array(let elements) = old else { throw wrongType }
    return elements
  }

  private var wrongType: StoreError {
    StoreError(.invalid, "a change does not fit the type of field=`\(path)`")
  }
}
