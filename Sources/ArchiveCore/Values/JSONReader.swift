// Reads the JSON that we wrote, from a disk or a bucket that may have changed it.

internal import Encodings

/// Why bytes are not the JSON of a document value.
public struct JSONReadingError: Error, Sendable, CustomStringConvertible {
  /// Where reading stopped, in bytes from the beginning.
  public let offset: Int
  public var description: String { "not readable as JSON offset=`\(offset)`" }
}

/// A reader of one JSON value: objects, arrays, strings, whole numbers, `true` and `false`.
///
/// Accepts any spacing and escaping, so that a line edited by hand still reads; refuses `null`, fractions,
/// numbers beyond 64 bits, duplicate keys, nesting deeper than 64, bad UTF-8 and anything behind the value.
/// No input traps.
public struct JSONReader {
  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private let depthLimit: Int

  public static func value(_ bytes: ArraySlice<UInt8>) throws(JSONReadingError) -> DocumentValue {
    try value(bytes, depthLimit: 64)
  }

  private static func value(_ bytes: ArraySlice<UInt8>, depthLimit: Int) throws(JSONReadingError)
    -> DocumentValue
  {
    var reader = JSONReader(bytes: bytes, index: bytes.startIndex, depthLimit: depthLimit)
    let value = try reader.readValue(depth: 0)
    reader.skipSpaces()
    guard reader.index == bytes.endIndex else { throw reader.failure }
    return value
  }

  /// The fields of an object; any other value is an error.
  public static func object(_ bytes: ArraySlice<UInt8>) throws(JSONReadingError)
    -> [String: DocumentValue]
  {
    try object(bytes, depthLimit: 64)
  }

  /// The same for an object that may be nested more deeply than a document.
  static func object(_ bytes: ArraySlice<UInt8>, depthLimit: Int) throws(JSONReadingError)
    -> [String: DocumentValue]
  {
    guard case .object(let fields) = try value(bytes, depthLimit: depthLimit) else {
      throw JSONReadingError(offset: 0)
    }
    return fields
  }

  private var failure: JSONReadingError { JSONReadingError(offset: index - bytes.startIndex) }

  private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func skipSpaces() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  private mutating func readValue(depth: Int) throws(JSONReadingError) -> DocumentValue {
    guard depth <= depthLimit else { throw failure }
    skipSpaces()
    switch current {
    case UInt8(ascii: "{"): return try readObject(depth: depth)
    case UInt8(ascii: "["): return try readArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    default: return .integer(try readInteger())
    }
  }

  private mutating func readWord(_ word: StaticString, _ value: DocumentValue)
    throws(JSONReadingError) -> DocumentValue
  {
    for byte in "\(word)".utf8 { guard take(byte) else { throw failure } }
    return value
  }

  private mutating func readInteger() throws(JSONReadingError) -> Int64 {
    let start = index
    _ = take(UInt8(ascii: "-"))
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
    let digits = String(decoding: bytes[start..<index], as: UTF8.self)
    guard let number = Int64(digits) else { throw failure }
    if let byte = current, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
      throw failure
    }
    return number
  }

  private mutating func readArray(depth: Int) throws(JSONReadingError) -> DocumentValue {
    index += 1
    var elements: [DocumentValue] = []
    skipSpaces()
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      elements.append(try readValue(depth: depth + 1))
      skipSpaces()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw failure }
    return .array(elements)
  }

  private mutating func readObject(depth: Int) throws(JSONReadingError) -> DocumentValue {
    index += 1
    var fields: [String: DocumentValue] = [:]
    skipSpaces()
    if take(UInt8(ascii: "}")) { return .object([:]) }
    repeat {
      skipSpaces()
      guard current == UInt8(ascii: "\"") else { throw failure }
      let name = try readString()
      skipSpaces()
      guard take(UInt8(ascii: ":")) else { throw failure }
      let value = try readValue(depth: depth + 1)
      guard fields.updateValue(value, forKey: name) == nil else { throw failure }
      skipSpaces()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw failure }
    if fields.count == 1, case .integer(let milliseconds)? = fields["$time"] {
      return .time(Timestamp(milliseconds: milliseconds))
    }
    return .object(fields)
  }

  private mutating func readString() throws(JSONReadingError) -> String {
    index += 1
    let start = index
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      index += 1
    }
    if current == UInt8(ascii: "\"") {
      // The common case: nothing escaped, one copy.
      return try text(bytes[start..<index])
    }
    var plain: [UInt8] = []
    var runStart = start
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure }
      if byte == UInt8(ascii: "\\") {
        plain.append(contentsOf: bytes[runStart..<index])
        index += 1
        try readEscape(into: &plain)
        runStart = index
      } else {
        index += 1
      }
    }
    plain.append(contentsOf: bytes[runStart..<index])
    return try text(plain[...])
  }

  private mutating func text(_ utf8: ArraySlice<UInt8>) throws(JSONReadingError) -> String {
    guard let text = String(validating: utf8, as: UTF8.self), take(UInt8(ascii: "\"")) else {
      throw failure
    }
    return text
  }

  private mutating func readEscape(into plain: inout [UInt8]) throws(JSONReadingError) {
    guard let byte = current else { throw failure }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(byte)
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "u"): try readUnicodeEscape(into: &plain)
    default: throw failure
    }
  }

  private mutating func readUnicodeEscape(into plain: inout [UInt8]) throws(JSONReadingError) {
    var code = UInt32(try readFourHexDigits())
    if (0xD800..<0xDC00).contains(code) {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure }
      let low = UInt32(try readFourHexDigits())
      guard (0xDC00..<0xE000).contains(low) else { throw failure }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure }
    plain.append(contentsOf: UTF8.encode(scalar)?.map { $0 } ?? [])
  }

  private mutating func readFourHexDigits() throws(JSONReadingError) -> UInt16 {
    guard bytes.endIndex - index >= 4 else { throw failure }
    var value: UInt16 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = Hex.value(of: byte) else { throw failure }
      value = value << 4 | UInt16(digit)
    }
    index += 4
    return value
  }
}
