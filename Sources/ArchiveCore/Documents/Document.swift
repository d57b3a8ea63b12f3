// What a document store stores: a flat name → value record with an identifier.

/// One value inside a document.
///
/// There is no null and no floating point on purpose: a missing field is the only absence, and
/// whole numbers compare the same in every engine.
public indirect enum DocumentValue: Hashable, Sendable {
  case bool(Bool)
  case integer(Int64)
  case string(String)
  case time(Timestamp)
  case array([DocumentValue])
  case object([String: DocumentValue])
}

/// A document: fields by name, one of which is its identifier `id`, a non-empty string of at most 512 bytes.
///
/// Field names, also inside objects, are 1 to 64 of `A-Z a-z 0-9 _`, so that a name can never be
/// read as an operator or a path by any engine.
public struct Document: Hashable, Sendable {
  public var fields: [String: DocumentValue]

  public init(_ fields: [String: DocumentValue]) { self.fields = fields }

  /// The identifier, or `nil` where the field `id` is missing or no string.
  public var id: String? {
    if case .string(let id)? = fields["id"] { id } else { nil }
  }

  public subscript(name: String) -> DocumentValue? { fields[name] }

  /// The value at a path, or `nil` where a step is missing or no object.
  public subscript(path: FieldPath) -> DocumentValue? {
    var value: DocumentValue? = fields[path.names[0]]
    for name in path.names.dropFirst() {
      guard case .object(let object)? = value else { return nil }
      value = object[name]
    }
    return value
  }
}

/// The way to a field: `name`, or `outer.inner` for a field of an object.
public struct FieldPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let names: [String]

  public var description: String { names.joined(separator: ".") }

  /// `nil` where a name is not one that a document may have.
  public init?(_ text: String) {
    let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy(Self.isName) else { return nil }
    self.names = names
  }

  /// For paths written in the source; a wrong one is a bug.
  public init(stringLiteral text: String) {
    guard let path = FieldPath(text) else { preconditionFailure("not a field path: \(text)") }
    self = path
  }

  /// Whether a document may have a field of that name.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
