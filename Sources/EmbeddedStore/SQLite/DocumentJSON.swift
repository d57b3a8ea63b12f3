// How a document is written into its column: JSON that SQLite's own functions read the same way.
//
// - Keys are sorted, there is no white space: equal documents are equal bytes.
// - A time is its milliseconds with `.0` behind. No other number has a fraction, so SQLite's
//   `json_type` tells times (`real`) from integers, and `json_extract` compares and sorts them,
//   inside an index as well: every moment fits a double exactly.
// - SQLite's functions end a string at U+0000. U+0000 and U+0001 are therefore written as the pairs
//   01 01 and 01 02, which keep the order of the bytes and every prefix. The identifier's column and
//   the operands of filters are written by the same rule.

import ArchiveCore
import Encodings

/// Writes documents as JSON bytes. The caller has checked them with `checkStorable`.
enum DocumentJSON {
  static func append(_ document: Document, to bytes: inout [UInt8]) {
    append(document.fields, to: &bytes)
  }

  static func bytes(of document: Document) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    append(document, to: &bytes)
    return bytes
  }

  /// The bytes of a string as SQLite compares them.
  static func comparable(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if byte < 2 { bytes.append(1) }
      bytes.append(byte < 2 ? byte + 1 : byte)
    }
    return bytes
  }

  private static func append(_ fields: [String: DocumentValue], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    var isFirst = true
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: name.utf8)
      bytes.append(UInt8(ascii: "\""))
      bytes.append(UInt8(ascii: ":"))
      append(value, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func append(_ value: DocumentValue, to bytes: inout [UInt8]) {
    switch value {
    case .bool(let truth): bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .time(let time):
      bytes.append(contentsOf: String(time.milliseconds).utf8)
      bytes.append(contentsOf: ".0".utf8)
    case .string(let text): JSONText.append(text, to: &bytes, escaping: appendEscaped)
    case .object(let fields): append(fields, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    }
  }

  private static func appendEscaped(_ byte: UInt8, _ bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
    case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
    case 0: bytes.append(contentsOf: #"\u0001\u0001"#.utf8)
    case 1: bytes.append(contentsOf: #"\u0001\u0002"#.utf8)
    case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
    case UInt8(ascii: "\r"): bytes.append(contentsOf: #"\r"#.utf8)
    case UInt8(ascii: "\t"): bytes.append(contentsOf: #"\t"#.utf8)
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: #"\u00"#.utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}
