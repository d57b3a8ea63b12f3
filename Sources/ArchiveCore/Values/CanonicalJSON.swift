// JSON in one form only: sorted keys, no spaces, so that equal values have equal bytes.

/// Writes document values as canonical JSON.
///
/// Strings escape `"`, `\` and the control characters below U+0020 (the short forms where JSON has
/// them, else `\u00xx` in lower case) and nothing else; everything above stays UTF-8 as it is.
/// A time becomes `{"$time":milliseconds}`, which no other value can be, because names hold no `$`.
public enum CanonicalJSON {
  public static func bytes(_ value: DocumentValue) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    append(value, to: &bytes)
    return bytes
  }

  public static func append(_ value: DocumentValue, to bytes: inout [UInt8]) {
    switch value {
    case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let number): append(number, to: &bytes)
    case .string(let text): append(text, to: &bytes)
    case .time(let time):
      bytes.append(contentsOf: #"{"$time":"#.utf8)
      append(time.milliseconds, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let fields): append(fields, to: &bytes)
    }
  }

  public static func append(_ fields: [String: DocumentValue], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(field.key, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      append(field.value, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  public static func append(_ number: Int64, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: String(number).utf8)
  }

  public static func append(_ text: String, to bytes: inout [UInt8]) {
    append(text, to: &bytes, escaping: appendEscaped)
  }

  /// A string with escapes of the caller's choice for `"`, `\` and the control characters.
  public static func append(
    _ text: String, to bytes: inout [UInt8], escaping escape: (UInt8, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      // Copied in runs between the bytes that need an escape.
      var runStart = 0
      for index in utf8.indices {
        let byte = utf8[index]
        if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
        bytes.append(contentsOf: utf8[runStart..<index])
        escape(byte, &bytes)
        runStart = index + 1
      }
      bytes.append(contentsOf: utf8[runStart...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ byte: UInt8, _ bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}
