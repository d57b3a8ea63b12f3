// How a part's content was encoded for the way.

import Encodings

/// Content-Transfer-Encoding (RFC 2045, 6). RFC 7578, 4.7 says not to use it in forms; mail libraries do.
enum TransferEncoding: Sendable, Equatable {
  case identity, base64, quotedPrintable

  /// - Throws: `malformed` for one that is not known: its bytes would be stored as what they are not.
  init(_ field: ArraySlice<UInt8>?) throws(MultipartError) {
    switch field.map({ String(decoding: $0.map(ASCII.lowercased), as: UTF8.self) }) {
    case nil, "7bit", "8bit", "binary", "": self = .identity
    case "base64": self = .base64
    case "quoted-printable": self = .quotedPrintable
    default: throw MultipartError(.malformed, "a part has an unknown Content-Transfer-Encoding")
    }
  }
}

/// Decodes a part's content as it comes in.
struct TransferDecoder: Sendable {
  private let encoding: TransferEncoding
  private var base64 = Base64Stream()
  private var quoted = QuotedPrintableStream()

  init(_ encoding: TransferEncoding) { self.encoding = encoding }

  mutating func decode(_ bytes: ArraySlice<UInt8>) throws(MultipartError) -> ArraySlice<UInt8> {
    switch encoding {
    case .identity: bytes
    case .base64: try base64.decode(bytes)[...]
    case .quotedPrintable: try quoted.decode(bytes)[...]
    }
  }

  /// The content is over.
  func finish() throws(MultipartError) {
    switch encoding {
    case .identity: break
    case .base64: try base64.finish()
    case .quotedPrintable: try quoted.finish()
    }
  }
}

/// RFC 2045, 6.8: line ends and blanks between the digits are skipped, all else is refused.
private struct Base64Stream: Sendable {
  private var (buffer, bits): (UInt32, UInt32) = (0, 0)
  private var (digits, padding) = (0, 0)

  mutating func decode(_ bytes: ArraySlice<UInt8>) throws(MultipartError) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 4 * 3 + 3)
    for byte in bytes {
      if byte == UInt8(ascii: "=") {
        padding += 1
        guard padding <= 2 else { throw Self.error }
      } else if let value = Base64.standard.value(of: byte), padding == 0 {
        digits = (digits + 1) & 3
        buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
        bits += 6
        if bits >= 8 {
          bits -= 8
          output.append(UInt8(truncatingIfNeeded: buffer >> bits))
        }
        if digits == 0 { bits = 0 }
      } else if !ASCII.isBlank(byte), byte != ASCII.carriageReturn, byte != ASCII.lineFeed {
        throw Self.error
      }
    }
    return output
  }

  func finish() throws(MultipartError) {
    guard padding == 0 ? digits != 1 : digits + padding == 4 else { throw Self.error }
  }

  private static let error = MultipartError(.malformed, "a part's content is not base 64")
}

/// RFC 2045, 6.7. Blanks at the ends of lines are not taken off: no sender of forms adds them.
private struct QuotedPrintableStream: Sendable {
  /// An equals sign and what came behind it, while it is not yet whole.
  private var held: [UInt8] = []

  mutating func decode(_ bytes: ArraySlice<UInt8>) throws(MultipartError) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    for byte in bytes {
      if held.isEmpty, byte != UInt8(ascii: "=") {
        output.append(byte)
        continue
      }
      held.append(byte)
      guard held.count == 3 else { continue }
      // A sign at the end of a line says that the line goes on.
      if held[1] != ASCII.carriageReturn || held[2] != ASCII.lineFeed {
        guard let value = PercentText.decode([UInt8(ascii: "%"), held[1], held[2]])?.first else {
          throw Self.error
        }
        output.append(value)
      }
      held = []
    }
    return output
  }

  /// A sign alone at the end is a line that would have gone on.
  func finish() throws(MultipartError) {
    guard held.count <= 1 else { throw Self.error }
  }

  private static let error = MultipartError(.malformed, "a part's content is not quoted-printable")
}
