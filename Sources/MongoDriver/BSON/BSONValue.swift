// A BSON value taken out of its document.

/// A value of any type: for replies of commands and other places where speed does not matter.
public enum BSONValue: Sendable, Hashable {
  case double(Double)
  case string(String)
  case document(BSONDocument)
  case array([BSONValue])
  case binary(BSONBinary)
  case objectID(BSONObjectID)
  case bool(Bool)
  case time(BSONTime)
  case null
  case int32(Int32)
  case timestamp(BSONTimestamp)
  case int64(Int64)
  case minKey
  case maxKey
  /// Of a type that nobody here looks into; the bytes as they were.
  case other(BSONType, [UInt8])

  public var type: BSONType {
    switch self {
    case .double: .double
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .objectID: .objectID
    case .bool: .bool
    case .time: .time
    case .null: .null
    case .int32: .int32
    case .timestamp: .timestamp
    case .int64: .int64
    case .minKey: .minKey
    case .maxKey: .maxKey
    case .other(let type, _): type
    }
  }

  public var asString: String? { if case .string(let text) = self { text } else { nil } }

  public var asDocument: BSONDocument? {
    if case .document(let document) = self { document } else { nil }
  }

  public var asArray: [BSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// A whole number in any of the forms in which servers answer one.
  public var asInteger: Int64? {
    switch self {
    case .int32(let number): Int64(number)
    case .int64(let number): number
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// Servers answer `ok: 1.0` where `true` is meant.
  public var asBool: Bool? {
    switch self {
    case .bool(let truth): truth
    case .int32, .int64, .double: asInteger.map { $0 != 0 }
    default: nil
    }
  }
}

extension BSONValue: CustomStringConvertible {
  /// Numbers and Booleans, otherwise the type only: what is stored must not get into a log by accident.
  public var description: String {
    switch self {
    case .int32(let number): "\(number)"
    case .int64(let number): "\(number)"
    case .double(let number): "\(number)"
    case .bool(let truth): "\(truth)"
    default: "BSON \(type)"
    }
  }
}

extension BSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral text: String) { self = .string(text) }
  /// An int32 where it fits, as servers and shells have it.
  public init(integerLiteral number: Int64) {
    self = Int32(exactly: number).map(BSONValue.int32) ?? .int64(number)
  }
  public init(floatLiteral number: Double) { self = .double(number) }
  public init(booleanLiteral truth: Bool) { self = .bool(truth) }
  public init(arrayLiteral elements: BSONValue...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }
  public init(dictionaryLiteral elements: (String, BSONValue)...) {
    self = .document(
      BSONDocument { writer in
        for (name, value) in elements { writer.append(name, value) }
      })
  }
}

extension BSONReader {
  /// The element's value, copied out.
  public func value() throws(BSONError) -> BSONValue {
    switch type {
    case .double: .double(try double())
    case .string: .string(try string())
    case .document: .document(try document())
    case .array: .array(try nested { (inner) throws(BSONError) in try inner.restOfValues() })
    case .binary: .binary(try binary())
    case .objectID: .objectID(try objectID())
    case .bool: .bool(try bool())
    case .time: .time(try time())
    case .null: .null
    case .int32: .int32(try int32())
    case .timestamp: .timestamp(try timestamp())
    case .int64: .int64(try int64())
    case .minKey: .minKey
    case .maxKey: .maxKey
    case .undefined, .regularExpression, .pointer, .code, .symbol, .codeWithScope, .decimal128:
      .other(type, rawValue())
    }
  }

  private mutating func restOfValues() throws(BSONError) -> [BSONValue] {
    var values: [BSONValue] = []
    while try next() { values.append(try value()) }
    return values
  }
}

extension BSONWriter {
  public mutating func append(_ name: String, _ value: BSONValue) {
    begin(value.type, name)
    appendPayload(value)
  }

  mutating func appendPayload(_ value: BSONValue) {
    switch value {
    case .double(let number): append(number.bitPattern)
    case .string(let text): appendString(text)
    case .document(let document): appendBytes(document.bytes)
    case .array(let values):
      elements { array in
        for value in values { array.append(value) }
      }
    case .binary(let binary):
      append(Int32(clamping: binary.bytes.count))
      appendByte(binary.subtype)
      appendBytes(binary.bytes)
    case .objectID(let id):
      append(id.high.byteSwapped)
      append(id.low.byteSwapped)
    case .bool(let truth): appendByte(truth ? 1 : 0)
    case .time(let time): append(time.milliseconds)
    case .int32(let number): append(number)
    case .int64(let number): append(number)
    case .timestamp(let timestamp):
      append(timestamp.increment)
      append(timestamp.seconds)
    case .null, .minKey, .maxKey: break
    case .other(_, let bytes): appendBytes(bytes)
    }
  }
}
