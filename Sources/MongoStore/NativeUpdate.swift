// An update said in MongoDB's own operators, where those mean the same.

import ArchiveCore
import MongoDriver

/// Changes as one document of update operators, and the conditions under which they mean what the definition
/// (`Document.applying`) says.
///
/// Operators change the document where it lies: one round trip, and writers that meet wait for each other
/// instead of trying again. What they cannot say goes through `UpdateInTransaction`.
struct NativeUpdate: Sendable {
  let operators: BSONDocument
  /// A document that satisfies them all is changed exactly as defined; for any other nothing is said.
  let guards: [BSONDocument]
  /// Whether the server may refuse it for a document that satisfies the guards: an integer can overflow.
  let mayFail: Bool

  /// By the port's measure nothing is more than four times as large as its BSON. So a document that was smaller
  /// than this, less the update itself, is within `Document.sizeLimitBytes` also after it.
  private static let surelySmallBytes = Document.sizeLimitBytes / 4

  /// `nil` where the operators cannot say it.
  init?(_ changes: [DocumentChange]) {
    // Objects on the way to a field would get their fields in the order of the changes, no longer sorted.
    guard changes.allSatisfy({ $0.path.names.count == 1 }) else { return nil }
    var guards: [BSONDocument] = []
    var grows = false
    for change in changes {
      switch change {
      case .max(_, let value) where !value.isScalar: return nil
      case .max(let path, let value): guards.append(Self.missing(path, orOfType: value))
      case .addToSet(let path, _), .push(let path, _):
        grows = true
        guards.append(Self.missingOrArray(path))
      case .pull(let path, _): guards.append(Self.missingOrArray(path))
      case .set(_, let value): grows = grows || value.mayBeLarge
      case .unset, .increment: break
      }
    }
    operators = Self.operators(changes)
    if grows {
      guard let fits = Self.roomFor(operators) else { return nil }
      guards.append(fits)
    }
    self.guards = guards
    mayFail = changes.contains { if case .increment = $0 { true } else { false } }
  }

  private static func operators(_ changes: [DocumentChange]) -> BSONDocument {
    var named: [String: [DocumentChange]] = [:]
    for change in changes { named[change.operatorName, default: []].append(change) }
    return BSONDocument { writer in
      // At least one operator is needed, or the document would be replaced by nothing. This one never does anything,
      // because nothing is inserted by it.
      writer.document("$setOnInsert") { $0.append(StoredNames.version, DocumentBSON.version) }
      for (name, changes) in named.sorted(by: { $0.key < $1.key }) {
        writer.document(name) { fields in
          for change in changes { change.appendOperand(to: &fields) }
        }
      }
    }
  }

  private static func missing(_ path: FieldPath, orOfType value: DocumentValue) -> BSONDocument {
    let field = StoredNames.path(path)
    return ["$or": [[field: ["$exists": false]], [field: ["$type": .string(value.typeName)]]]]
  }

  private static func missingOrArray(_ path: FieldPath) -> BSONDocument {
    [
      "$or": [
        [StoredNames.path(path): ["$exists": false]],
        [StoredNames.elements(of: path): ["$type": "array"]],
      ]
    ]
  }

  private static func roomFor(_ operators: BSONDocument) -> BSONDocument? {
    let room = surelySmallBytes - operators.bytes.count
    return room > 0
      ? ["$expr": ["$lt": [["$bsonSize": "$$ROOT"], .int64(Int64(room))]]] : nil
  }
}

extension DocumentValue {
  /// MongoDB's name for the type.
  fileprivate var typeName: String {
    switch self {
    case .bool: "bool"
    case .integer: "long"
    case .string: "string"
    case .time: "date"
    case .array, .object: "object"
    }
  }

  /// Whether a document that was far from the limit may be above it with this value.
  fileprivate var mayBeLarge: Bool {
    switch self {
    case .bool, .integer, .time: false
    case .string(let text): text.utf8.count > 100_000
    case .array, .object: true
    }
  }
}

extension DocumentChange {
  fileprivate var operatorName: String {
    switch self {
    case .set: "$set"
    case .unset: "$unset"
    case .increment: "$inc"
    case .max: "$max"
    case .addToSet: "$addToSet"
    case .push: "$push"
    // `$pull` would take an object for a condition.
    case .pull: "$pullAll"
    }
  }

  fileprivate func appendOperand(to fields: inout BSONWriter) {
    switch self {
    case .set(let path, let value), .max(let path, let value):
      DocumentBSON.append(StoredNames.path(path), value, to: &fields)
    case .unset(let path): fields.append(StoredNames.path(path), true)
    case .increment(let path, let amount): fields.append(StoredNames.path(path), amount)
    case .addToSet(let path, let value), .push(let path, let value):
      DocumentBSON.append(elementAs: StoredNames.elements(of: path), value, to: &fields)
    case .pull(let path, let value):
      fields.array(StoredNames.elements(of: path)) { DocumentBSON.append(value, to: &$0) }
    }
  }
}
