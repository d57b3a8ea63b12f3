// What a collection is called and which indexes it declares.

/// The name of a collection: 1 to 64 of `A-Z a-z 0-9 _`.
public struct CollectionName: Hashable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public let description: String

  public init(stringLiteral text: String) {
    precondition(FieldPath.isName(text), "not a collection name: \(text)")
    description = text
  }
}

/// An index that a collection declares.
public struct CollectionIndex: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case plain
    /// No two documents that have all the fields may have the same values in them.
    /// A document in which one of the fields is missing is not constrained.
    case unique
    /// Documents whose time in the one field has passed are removed, soon but not at once.
    case expiring
  }

  public let name: String
  public let keys: [SortKey]
  public let kind: Kind

  /// A wrong name is a bug: 1 to 64 of `A-Z a-z 0-9 _`, and an expiring index has one key.
  public init(_ name: String, on keys: [SortKey], kind: Kind = .plain) {
    precondition(FieldPath.isName(name), "not an index name: \(name)")
    precondition(!keys.isEmpty && (kind != .expiring || keys.count == 1), "wrong keys: \(name)")
    (self.name, self.keys, self.kind) = (name, keys, kind)
  }
}

/// A collection and all its indexes. Every collection has a unique index on `id` besides.
public struct CollectionSchema: Hashable, Sendable {
  public let name: CollectionName
  public let indexes: [CollectionIndex]

  public init(_ name: CollectionName, indexes: [CollectionIndex] = []) {
    (self.name, self.indexes) = (name, indexes)
  }
}
