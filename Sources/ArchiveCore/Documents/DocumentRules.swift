// What every engine refuses as `invalid` before it touches anything.

extension Document {
  /// Objects and arrays may lie this deep inside each other, the document itself counted.
  public static let depthLimit = 64
  /// The sum of all names and values, each with 16 bytes added; below MongoDB's 16 MiB.
  public static let sizeLimitBytes = 15 * 1024 * 1024
  public static let idLimitBytes = 512

  /// Throws `invalid` where the document breaks a rule of `Document`.
  public func checkStorable() throws(StoreError) {
    guard let id, !id.isEmpty, id.utf8.count <= Self.idLimitBytes else {
      throw StoreError(.invalid, "a document needs an identifier of 1 to 512 bytes field=`id`")
    }
    try Self.checkSize(of: fields)
  }

  fileprivate static func checkSize(of fields: [String: DocumentValue]) throws(StoreError) {
    let size = try size(of: fields, depth: 1)
    if size > sizeLimitBytes {
      throw StoreError(
        .invalid, "a document is too large limitBytes=`\(sizeLimitBytes)` sizeBytes=`\(size)`")
    }
  }

  private static func size(of fields: [String: DocumentValue], depth: Int) throws(StoreError)
    -> Int
  {
    if depth > depthLimit { throw tooDeep }
    var size = 0
    for (name, value) in fields {
      // The name itself is not repeated: it may be anything, and long.
      guard FieldPath.isName(name) else {
        throw StoreError(.invalid, "a field name is not 1 to 64 of `A-Z a-z 0-9 _`")
      }
      size += name.utf8.count + (try Self.size(of: value, depth: depth))
    }
    return size
  }

  private static func size(of value: DocumentValue, depth: Int) throws(StoreError) -> Int {
    switch value {
    case .bool, .integer, .time: return 16
    case .string(let text): return 16 + text.utf8.count
    case .object(let fields): return 16 + (try size(of: fields, depth: depth + 1))
    case .array(let elements):
      if depth >= depthLimit { throw tooDeep }
      var size = 16
      for element in elements { size += try Self.size(of: element, depth: depth + 1) }
      return size
    }
  }

  private static var tooDeep: StoreError {
    StoreError(.invalid, "a document is nested too deeply limit=`\(depthLimit)`")
  }
}

extension Filter {
  /// Conditions may lie this deep inside each other.
  public static let depthLimit = 16
  /// Conditions and operands of one filter together.
  public static let sizeLimit = 5_000

  /// Throws `invalid` for an operand that is no scalar, and for a filter too large.
  public func checkUsable() throws(StoreError) {
    let size = try size(depth: 1)
    if size > Self.sizeLimit {
      throw StoreError(.invalid, "a filter is too large limit=`\(Self.sizeLimit)`")
    }
  }

  private func size(depth: Int) throws(StoreError) -> Int {
    if depth > Self.depthLimit {
      throw StoreError(.invalid, "a filter is nested too deeply limit=`\(Self.depthLimit)`")
    }
    switch self {
    case .everything, .nothing, .exists, .missing, .prefix: return 1
    case .equal(let path, let value), .less(let path, let value), .lessOrEqual(let path, let value),
      .greater(let path, let value), .greaterOrEqual(let path, let value),
      .contains(let path, let value):
      try Self.check([value], path)
      return 1
    case .oneOf(let path, let values):
      try Self.check(values, path)
      return 1 + values.count
    case .not(let filter): return 1 + (try filter.size(depth: depth + 1))
    case .and(let filters), .or(let filters):
      var size = 1
      for filter in filters { size += try filter.size(depth: depth + 1) }
      return size
    }
  }

  private static func check(_ values: [DocumentValue], _ path: FieldPath) throws(StoreError) {
    if values.contains(where: { !$0.isScalar }) {
      throw StoreError(.invalid, "a filter compares with an array or object field=`\(path)`")
    }
  }
}

extension Query {
  public static let sortLimit = 8

  /// Throws `invalid` for a wrong filter, a negative limit, and a cursor that holds no scalars.
  public func checkUsable() throws(StoreError) {
    try filter.checkUsable()
    if limit < 0 { throw StoreError(.invalid, "a query has a negative limit=`\(limit)`") }
    if sort.count > Self.sortLimit {
      throw StoreError(.invalid, "a query sorts by too many fields limit=`\(Self.sortLimit)`")
    }
    if let after, after.values.contains(where: { $0?.isScalar == false }) {
      throw StoreError(.invalid, "a cursor holds an array or object")
    }
  }
}

extension Update {
  /// Throws `invalid` for what would be wrong whatever document it met.
  public func checkUsable() throws(StoreError) {
    try filter.checkUsable()
    try Document.checkSize(of: try Document([:]).applying(changes).fields)
    if case .upsert(let document) = extent {
      guard let id = document.fields["id"], filter == .equal("id", id) else {
        throw StoreError(.invalid, "an upsert's filter must be the identifier of its document")
      }
      try document.checkStorable()
    }
  }
}

extension TransactionStep {
  /// Throws `invalid` for what would be wrong whatever documents are there.
  public func checkUsable() throws(StoreError) {
    switch self {
    case .insert(let document, into: _): try document.checkStorable()
    case .update(let update, mustMatch: _): try update.checkUsable()
    case .delete(_, where: let filter), .expect(_, where: let filter): try filter.checkUsable()
    }
  }
}
