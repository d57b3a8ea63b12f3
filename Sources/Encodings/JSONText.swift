// Strings as JSON has them.

/// Writes strings as `JSON.stringify` and RFC 8785 do: escaped are `"`, `\` and the control characters below U+0020 (the
/// short forms where JSON has them, else `\u00xx` in lower case) and nothing else; everything above stays UTF-8 as it is.
package enum JSONText {
  package static func append(_ text: String, to bytes: inout [UInt8]) {
    append(text, to: &bytes, escaping: appendEscaped)
  }

  /// A string with escapes of the caller's choice for `"`, `\` and the control characters.
  package static func append(
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
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(contentsOf: Hex.digits(of: byte))
    }
  }
}
