// Writes JSON as `JSON.stringify` does.

import Encodings

/// Writes values as JSON without spaces; bytes become placeholders and are handed back beside it.
///
/// No control character is ever written as it is, so a text never holds the separator of payloads.
package struct JSONWriter {
  package private(set) var bytes: [UInt8]
  /// What the placeholders stand for, in their order.
  package private(set) var attachments: [[UInt8]] = []

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  init(capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  package static func bytes(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.append(value)
    return writer.bytes
  }

  package mutating func append(_ value: JSONValue) {
    switch value {
    case .null: append(raw: "null")
    case .bool(let flag): append(raw: flag ? "true" : "false")
    case .integer(let number): append(raw: String(number))
    case .number(let number): append(number)
    case .string(let text): append(text)
    case .array(let elements): append(elements)
    case .object(let object): append(object)
    case .binary(let data):
      append(raw: #"{"_placeholder":true,"num":\#(attachments.count)}"#)
      attachments.append(data)
    }
  }

  /// What is JSON already.
  mutating func append(raw: String) { bytes.append(contentsOf: raw.utf8) }

  mutating func append(json: some Collection<UInt8>) { bytes.append(contentsOf: json) }

  private mutating func append(_ number: Double) {
    if let whole = Int64(exactly: number), abs(number) < 9_007_199_254_740_992 {
      append(raw: String(whole))
    } else {
      append(raw: number.isFinite ? number.description : "null")
    }
  }

  package mutating func append(_ elements: [JSONValue]) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func append(_ object: JSONObject) {
    bytes.append(UInt8(ascii: "{"))
    for (index, field) in object.fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(field.name)
      bytes.append(UInt8(ascii: ":"))
      append(field.value)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  package mutating func append(_ text: String) { JSONText.append(text, to: &bytes) }
}
