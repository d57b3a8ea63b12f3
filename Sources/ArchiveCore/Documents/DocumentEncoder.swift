// How a Codable type becomes a document.

/// Turns a value into a document through its `Encodable` conformance.
///
/// Integers of every width become integers, `Timestamp` a time, arrays arrays, keyed containers objects;
/// `nil` is left out. What a document cannot hold (a fraction, a number above `Int64`, `nil` in an array)
/// is `invalid`. Errors name the field and never its value.
public struct DocumentEncoder: Sendable {
  public init() {}

  public func encode(_ value: some Encodable) throws(StoreError) -> Document {
    let slot = EncodedSlot()
    do {
      try value.encode(to: SlotEncoder(slot: slot, codingPath: []))
    } catch let error as StoreError {
      throw error
    } catch EncodingError.invalidValue(_, let context) {
      throw notStorable(context.codingPath)
    } catch {
      throw StoreError(.invalid, "a value does not encode type=`\(type(of: value))`")
    }
    guard case .object(let slots) = slot.content else {
      throw StoreError(.invalid, "only a type with named fields is a document")
    }
    return Document(try resolved(slots, path: []))
  }
}

/// A place in the tree that is being built; a reference, because containers outlive each other freely.
private final class EncodedSlot {
  enum Content {
    case absent
    case value(DocumentValue)
    case array([EncodedSlot])
    case object([String: EncodedSlot])
  }
  var content = Content.absent

  func store(_ value: some Encodable, path: [any CodingKey]) throws {
    switch value {
    case let text as String: content = .value(.string(text))
    case let truth as Bool: content = .value(.bool(truth))
    case let time as Timestamp: content = .value(.time(time))
    case let number as any FixedWidthInteger:
      guard let integer = Int64(exactly: number) else { throw notStorable(path) }
      content = .value(.integer(integer))
    case is any BinaryFloatingPoint: throw notStorable(path)
    default: try value.encode(to: SlotEncoder(slot: self, codingPath: path))
    }
  }

  func child(_ name: String) -> EncodedSlot {
    let child = EncodedSlot()
    var slots: [String: EncodedSlot] = [:]
    if case .object(let present) = content { slots = present }
    // Let go of first, so that the collection is changed in place and not copied each time.
    content = .absent
    slots[name] = child
    content = .object(slots)
    return child
  }

  func append() -> EncodedSlot {
    let child = EncodedSlot()
    var slots: [EncodedSlot] = []
    if case .array(let present) = content { slots = present }
    content = .absent
    slots.append(child)
    content = .array(slots)
    return child
  }
}

private func notStorable(_ path: [any CodingKey]) -> StoreError {
  StoreError(.invalid, "a document cannot hold that kind of value field=`\(path.fieldName)`")
}

private func resolved(_ slots: [String: EncodedSlot], path: [String]) throws(StoreError)
  -> [String: DocumentValue]
{
  var fields: [String: DocumentValue] = [:]
  for (name, slot) in slots {
    if let value = try resolved(slot, path: path + [name]) { fields[name] = value }
  }
  return fields
}

private func resolved(_ slot: EncodedSlot, path: [String]) throws(StoreError) -> DocumentValue? {
  switch slot.content {
  case .absent: return nil
  case .value(let value): return value
  case .object(let slots): return .object(try resolved(slots, path: path))
  case .array(let slots):
    var elements: [DocumentValue] = []
    elements.reserveCapacity(slots.count)
    for element in slots {
      guard let value = try resolved(element, path: path) else {
        throw StoreError(
          .invalid, "an array cannot hold nothing field=`\(path.joined(separator: "."))`")
      }
      elements.append(value)
    }
    return .array(elements)
  }
}

private struct SlotEncoder: Encoder {
  let slot: EncodedSlot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .object = slot.content {} else { slot.content = .object([:]) }
    return KeyedEncodingContainer(KeyedSlots(slot: slot, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .array = slot.content {} else { slot.content = .array([]) }
    return UnkeyedSlots(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleSlot(slot: slot, codingPath: codingPath)
  }
}

/// One generic method stands for the fourteen that the protocol asks for.
private struct KeyedSlots<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: EncodedSlot
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) {}

  mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try slot.child(key.stringValue).store(value, path: codingPath + [key])
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type, forKey key: Key)
    -> KeyedEncodingContainer<Nested>
  {
    nested(key).container(keyedBy: keyedBy)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { nested(FieldKey("super")) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

  private func nested(_ key: any CodingKey) -> SlotEncoder {
    SlotEncoder(slot: slot.child(key.stringValue), codingPath: codingPath + [key])
  }
}

private struct UnkeyedSlots: UnkeyedEncodingContainer {
  let slot: EncodedSlot
  let codingPath: [any CodingKey]
  private(set) var count = 0

  init(slot: EncodedSlot, codingPath: [any CodingKey]) {
    (self.slot, self.codingPath) = (slot, codingPath)
  }

  mutating func encodeNil() throws { throw notStorable(codingPath) }

  mutating func encode<Value: Encodable>(_ value: Value) throws {
    try next().store(value, path: codingPath)
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type)
    -> KeyedEncodingContainer<Nested>
  {
    SlotEncoder(slot: next(), codingPath: codingPath).container(keyedBy: keyedBy)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    SlotEncoder(slot: next(), codingPath: codingPath).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    SlotEncoder(slot: next(), codingPath: codingPath)
  }

  private mutating func next() -> EncodedSlot {
    count += 1
    return slot.append()
  }
}

private struct SingleSlot: SingleValueEncodingContainer {
  let slot: EncodedSlot
  let codingPath: [any CodingKey]

  mutating func encodeNil() { slot.content = .absent }

  mutating func encode<Value: Encodable>(_ value: Value) throws {
    try slot.store(value, path: codingPath)
  }
}

/// A coding key that is any name.
struct FieldKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(String(intValue)) }
}

extension [any CodingKey] {
  /// The keys as a path, for an error message.
  var fieldName: String { map(\.stringValue).joined(separator: ".") }
}
