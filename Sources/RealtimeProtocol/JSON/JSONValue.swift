// What an event's arguments are made of.

/// A JSON value, or bytes that travel beside the JSON as an attachment.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number. Not finite ones cannot be read, and are written as `null`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
  case binary([UInt8])

  package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  package var binary: [UInt8]? { if case .binary(let bytes) = self { bytes } else { nil } }
  package var isNull: Bool { self == .null }

  /// A whole number, also where it was written as `1.0` or `1e3`.
  package var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .number(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// The field of an object; `nil` where there is none, or where this is no object.
  package subscript(name: String) -> JSONValue? { object?[name] }

  /// Whether there are bytes in it that travel as attachments.
  var containsBinary: Bool {
    switch self {
    case .binary: true
    case .array(let elements): elements.contains(where: \.containsBinary)
    case .object(let object): object.fields.contains(where: \.value.containsBinary)
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Field(name: $0.0, value: $0.1) }))
  }
}
