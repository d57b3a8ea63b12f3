// How texts travel: quoted-printable or base 64 (RFC 2045, section 6).

/// Picks the shorter form. Both consist of short ASCII lines that no server on the way has a reason to touch.
enum TransferEncoding {
  static func encode(_ text: String) -> (name: String, body: [UInt8]) {
    let plain = canonical(text)
    let quoted = QuotedPrintable.encode(plain)
    let base64Bytes = (plain.count + 2) / 3 * 4
    if quoted.count <= base64Bytes + base64Bytes / 38 { return ("quoted-printable", quoted) }
    return ("base64", Base64Text.lines(plain))
  }

  /// Every kind of line end as CRLF, as base 64 needs it too.
  private static func canonical(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x0A where previous == 0x0D: break
      case 0x0A, 0x0D: bytes += [0x0D, 0x0A]
      default: bytes.append(byte)
      }
      previous = byte
    }
    return bytes
  }
}

/// RFC 2045, section 6.7.
enum QuotedPrintable {
  private static let lineLimit = 76
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// - Parameter bytes: with CRLF at the ends of lines and nowhere else.
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var column = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0x0D {
        // `canonical` put the line feed behind it.
        index += 1
        output += [0x0D, 0x0A]
        column = 0
        continue
      }
      let isAtEnd = index == bytes.count || bytes[index] == 0x0D
      var piece = form(of: byte, at: column, isAtEnd: isAtEnd)
      // One column is kept for the sign of a line that goes on.
      if column + piece.count > lineLimit - 1 {
        output += [UInt8(ascii: "="), 0x0D, 0x0A]
        column = 0
        piece = form(of: byte, at: column, isAtEnd: isAtEnd)
      }
      output += piece
      column += piece.count
    }
    return output
  }

  private static func form(of byte: UInt8, at column: Int, isAtEnd: Bool) -> [UInt8] {
    let isLiteral =
      switch byte {
      case UInt8(ascii: "="): false
      // Blanks at the end of a line get lost on the way.
      case 0x20, 0x09: !isAtEnd
      case 0x21...0x7E: column > 0 || !isRisky(byte)
      default: false
      }
    return isLiteral
      ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// At the beginning of a line a dot ends mails, and «From» begins new ones in mailboxes of old.
  private static func isRisky(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F")
  }
}

/// RFC 4648, section 4.
enum Base64Text {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let lineBytes = 57

  static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: encoded(Array(bytes)), as: UTF8.self)
  }

  /// In lines of 76 characters.
  static func lines(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: lineBytes) {
      output += encoded(Array(bytes[start..<min(start + lineBytes, bytes.count)]))
      output += [0x0D, 0x0A]
    }
    return output
  }

  private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.enumerated().reduce(UInt32(0)) {
        $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset)
      }
      for position in 0..<4 {
        output.append(
          position <= group.count
            ? alphabet[Int(word >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "="))
      }
    }
    return output
  }
}
