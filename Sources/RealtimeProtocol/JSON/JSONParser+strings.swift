// Strings: copied in runs, escapes one by one.

extension JSONParser {
  /// The index is at the opening quote.
  mutating func readString() throws(JSONError) -> String {
    index += 1
    let start = index
    skipPlain()
    if current == UInt8(ascii: "\"") {
      // The common case: nothing is escaped.
      let text = try text(bytes[start..<index])
      index += 1
      return text
    }
    return try readEscaped(from: start)
  }

  /// Up to a quote, a backslash, a control character or the end.
  private mutating func skipPlain() {
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      index += 1
    }
  }

  private mutating func readEscaped(from start: Int) throws(JSONError) -> String {
    var plain = Array(bytes[start..<index])
    while !take(UInt8(ascii: "\"")) {
      guard take(UInt8(ascii: "\\")) else { throw failure(.notJSON) }
      try readEscape(into: &plain)
      let runStart = index
      skipPlain()
      plain.append(contentsOf: bytes[runStart..<index])
    }
    return try text(plain[...])
  }

  private func text(_ utf8: ArraySlice<UInt8>) throws(JSONError) -> String {
    guard let text = String(validating: utf8, as: UTF8.self) else { throw failure(.notJSON) }
    return text
  }

  private mutating func readEscape(into plain: inout [UInt8]) throws(JSONError) {
    guard let byte = current else { throw failure(.notJSON) }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(byte)
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "u"): plain.append(contentsOf: String(try readScalar()).utf8)
    default: throw failure(.notJSON)
    }
  }

  /// Behind `\u`: one unit of UTF-16, or two that belong together.
  private mutating func readScalar() throws(JSONError) -> Unicode.Scalar {
    let first = try readUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let behindFirst = index
    if UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try readUnit()
      if UTF16.isTrailSurrogate(second) {
        let code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        return Unicode.Scalar(code) ?? "\u{FFFD}"
      }
    }
    // A lone surrogate; what follows it is read again.
    index = behindFirst
    return "\u{FFFD}"
  }

  private mutating func readUnit() throws(JSONError) -> UInt16 {
    guard bytes.endIndex - index >= 4 else { throw failure(.notJSON) }
    var unit: UInt16 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = ASCII.hexDigit(byte) else { throw failure(.notJSON) }
      unit = unit << 4 | UInt16(digit)
    }
    index += 4
    return unit
  }
}
