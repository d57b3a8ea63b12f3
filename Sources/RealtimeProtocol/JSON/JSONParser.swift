// Reads JSON that a client sent.

/// Reads one JSON value as RFC 8259 has it, within limits, in one pass; no input traps.
///
/// Stricter than `JSON.parse` in two things: an object may not have a name twice, and numbers are finite. A lone
/// surrogate, which a JavaScript string can hold and a Unicode text cannot, becomes U+FFFD, as in every browser that
/// sends such a string as UTF-8.
package struct JSONParser {
  let bytes: ArraySlice<UInt8>
  var index: Int
  private let depthLimit: Int
  private var valuesLeft: Int

  package static func value(_ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits())
    throws(JSONError) -> JSONValue
  {
    var parser = JSONParser(bytes: bytes, limits: limits)
    parser.skipSpaces()
    let value = try parser.readValue(depth: 0)
    parser.skipSpaces()
    guard parser.index == bytes.endIndex else { throw parser.failure(.notJSON) }
    return value
  }

  private init(bytes: ArraySlice<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    index = bytes.startIndex
    depthLimit = limits.depth
    valuesLeft = limits.values
  }

  func failure(_ problem: JSONError.Problem) -> JSONError {
    JSONError(problem: problem, offset: index - bytes.startIndex)
  }

  var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipSpaces() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
    valuesLeft -= 1
    guard valuesLeft >= 0 else { throw failure(.tooManyValues) }
    switch current {
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "{"): return try readObject(depth: depth)
    case UInt8(ascii: "["): return .array(try readArray(depth: depth))
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return try readNumber()
    }
  }

  private mutating func readWord(_ word: String, _ value: JSONValue) throws(JSONError)
    -> JSONValue
  {
    for byte in word.utf8 { guard take(byte) else { throw failure(.notJSON) } }
    return value
  }

  private mutating func readArray(depth: Int) throws(JSONError) -> [JSONValue] {
    try open(depth: depth)
    if take(UInt8(ascii: "]")) { return [] }
    var elements: [JSONValue] = []
    repeat {
      skipSpaces()
      elements.append(try readValue(depth: depth + 1))
      skipSpaces()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw failure(.notJSON) }
    return elements
  }

  private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
    try open(depth: depth)
    if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
    var object = JSONObject()
    // Most have some; growing field by field would allocate for each of the first.
    object.fields.reserveCapacity(4)
    repeat {
      skipSpaces()
      guard current == UInt8(ascii: "\"") else { throw failure(.notJSON) }
      let name = try readString()
      skipSpaces()
      guard take(UInt8(ascii: ":")) else { throw failure(.notJSON) }
      skipSpaces()
      object.fields.append(JSONObject.Field(name: name, value: try readValue(depth: depth + 1)))
      skipSpaces()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw failure(.notJSON) }
    guard !object.hasDuplicates else { throw failure(.duplicateName) }
    return .object(object)
  }

  /// Steps over the bracket and the spaces behind it.
  private mutating func open(depth: Int) throws(JSONError) {
    guard depth < depthLimit else { throw failure(.tooDeep) }
    index += 1
    skipSpaces()
  }
}
