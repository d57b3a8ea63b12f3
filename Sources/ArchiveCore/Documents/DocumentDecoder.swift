// How a document becomes a Codable type.

/// Turns a document into a value through its `Decodable` conformance; the inverse of `DocumentEncoder`.
///
/// A missing field and a field of another type are `corrupt`: what is stored is not what was written.
/// Errors name the field and never its value. Fields that the type does not know are left alone.
public struct DocumentDecoder: Sendable {
  public init() {}

  public func decode<Value: Decodable>(_ type: Value.Type, from document: Document)
    throws(StoreError) -> Value
  {
    do {
      return try Value(from: ValueDecoder(value: .object(document.fields), codingPath: []))
    } catch let error as DecodingError {
      throw StoreError(
        .corrupt, "\(error.problem) type=`\(type)` field=`\(error.path.fieldName)`")
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.corrupt, "a document does not fit its type type=`\(type)`")
    }
  }
}

extension DecodingError {
  fileprivate var path: [any CodingKey] {
    switch self {
    case .keyNotFound(let key, let context): context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath
    @unknown default: []
    }
  }

  fileprivate var problem: String {
    switch self {
    case .keyNotFound, .valueNotFound: "a field is missing"
    default: "a field holds what its type does not allow"
    }
  }
}

private func wrongType(_ type: Any.Type, _ path: [any CodingKey]) -> DecodingError {
  .typeMismatch(type, .init(codingPath: path, debugDescription: "another type is stored"))
}

private struct ValueDecoder: Decoder {
  let value: DocumentValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let fields) = value else { throw wrongType(Document.self, codingPath) }
    return KeyedDecodingContainer(KeyedValues(fields: fields, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw wrongType([Any].self, codingPath) }
    return UnkeyedValues(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleValue(decoder: self)
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let scalar = try scalar(type) {
      guard let result = scalar as? Value else { throw wrongType(type, codingPath) }
      return result
    }
    return try Value(from: self)
  }

  /// The value as one of the types that a document holds itself; `nil` where the type reads itself.
  private func scalar(_ type: Any.Type) throws -> Any? {
    switch (type, value) {
    case (is String.Type, .string(let text)): return text
    case (is Bool.Type, .bool(let truth)): return truth
    case (is Timestamp.Type, .time(let time)): return time
    case (let integer as any FixedWidthInteger.Type, .integer(let number)):
      guard let fitting = Self.exact(integer, number) else { throw wrongType(type, codingPath) }
      return fitting
    case (is String.Type, _), (is Bool.Type, _), (is Timestamp.Type, _),
      (is any FixedWidthInteger.Type, _), (is any BinaryFloatingPoint.Type, _):
      throw wrongType(type, codingPath)
    default: return nil
    }
  }

  private static func exact<Integer: FixedWidthInteger>(_: Integer.Type, _ number: Int64) -> Any? {
    Integer(exactly: number)
  }
}

/// One generic method stands for the fourteen that the protocol asks for.
private struct KeyedValues<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let fields: [String: DocumentValue]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { fields.keys.sorted().compactMap(Key.init(stringValue:)) }

  func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }

  /// There is no null: a field that is there is something.
  func decodeNil(forKey key: Key) throws -> Bool { fields[key.stringValue] == nil }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try nested(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  {
    try nested(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try nested(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try nested(FieldKey("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }

  private func nested(_ key: any CodingKey) throws -> ValueDecoder {
    guard let value = fields[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "no such field"))
    }
    return ValueDecoder(value: value, codingPath: codingPath + [key])
  }
}

private struct UnkeyedValues: UnkeyedDecodingContainer {
  let elements: [DocumentValue]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [DocumentValue], codingPath: [any CodingKey]) {
    (self.elements, self.codingPath) = (elements, codingPath)
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  mutating func decodeNil() -> Bool { false }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try next().decode(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
    -> KeyedDecodingContainer<Nested>
  {
    let container = try next().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try next().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try next()
    currentIndex += 1
    return decoder
  }

  private func next() throws -> ValueDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Any.self, .init(codingPath: codingPath, debugDescription: "the array ends"))
    }
    return ValueDecoder(
      value: elements[currentIndex], codingPath: codingPath + [FieldKey(String(currentIndex))])
  }
}

private struct SingleValue: SingleValueDecodingContainer {
  let decoder: ValueDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.decode(type) }
}
