// How a document is read back from its column.

import ArchiveCore

/// Reads the JSON that `DocumentJSON` writes. Bytes from a disk are not believed: anything else is `corrupt`.
struct DocumentJSONReader {
  private let bytes: [UInt8]
  private var position = 0

  static func document(_ bytes: [UInt8]) throws(StoreError) -> Document {
    var reader = DocumentJSONReader(bytes: bytes)
    guard reader.peek == UInt8(ascii: "{") else { throw reader.corrupt }
    let fields = try reader.object(depth: 1)
    guard reader.position == bytes.count else { throw reader.corrupt }
    return Document(fields)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private var corrupt: StoreError {
    StoreError(.corrupt, "a stored document is damaged offset=`\(position)`")
  }

  private mutating func skip(_ byte: UInt8) throws(StoreError) {
    guard peek == byte else { throw corrupt }
    position += 1
  }

  private mutating func skip(_ word: StaticString) throws(StoreError) {
    for index in 0..<word.utf8CodeUnitCount {
      try skip(word.withUTF8Buffer { $0[index] })
    }
  }

  private mutating func value(depth: Int) throws(StoreError) -> DocumentValue {
    switch peek {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "t"):
      try skip("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try skip("false")
      return .bool(false)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(StoreError) -> [String: DocumentValue] {
    if depth > Document.depthLimit { throw corrupt }
    position += 1
    var fields: [String: DocumentValue] = [:]
    if peek == UInt8(ascii: "}") {
      position += 1
      return fields
    }
    while true {
      let name = try string()
      try skip(UInt8(ascii: ":"))
      let value = try value(depth: depth)
      guard FieldPath.isName(name), fields.updateValue(value, forKey: name) == nil else {
        throw corrupt
      }
      if peek == UInt8(ascii: "}") { break }
      try skip(UInt8(ascii: ","))
    }
    position += 1
    return fields
  }

  private mutating func array(depth: Int) throws(StoreError) -> [DocumentValue] {
    if depth > Document.depthLimit { throw corrupt }
    position += 1
    var elements: [DocumentValue] = []
    if peek == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      elements.append(try value(depth: depth))
      if peek == UInt8(ascii: "]") { break }
      try skip(UInt8(ascii: ","))
    }
    position += 1
    return elements
  }

  /// An integer, or a time where `.0` follows.
  private mutating func number() throws(StoreError) -> DocumentValue {
    let isNegative = peek == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let first = position
    var number: Int64 = 0
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      let digit = Int64(byte - UInt8(ascii: "0"))
      let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
      // Counted downwards where negative, because the lowest number has no positive twin.
      let (sum, carried) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
      if overflow || carried { throw corrupt }
      number = sum
      position += 1
    }
    guard position > first else { throw corrupt }
    guard peek == UInt8(ascii: ".") else { return .integer(number) }
    try skip(".0")
    let time = Timestamp(milliseconds: number)
    guard time.milliseconds == number else { throw corrupt }
    return .time(time)
  }

  private mutating func string() throws(StoreError) -> String {
    try skip(UInt8(ascii: "\""))
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = try validated(bytes[start..<position])
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw corrupt }
      position += 1
    }
    throw corrupt
  }

  private mutating func escapedString(from start: Int) throws(StoreError) -> String {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(2 * (position - start) + 256)
    // Copied in runs: a line of JSON inside a document has an escape every few bytes.
    var runStart = start
    while let byte = peek {
      if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        position += 1
        continue
      }
      decoded.append(contentsOf: bytes[runStart..<position])
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try validated(decoded[...])
      case UInt8(ascii: "\\"): decoded.append(try escape())
      default: throw corrupt
      }
      runStart = position
    }
    throw corrupt
  }

  /// The byte that an escape stands for; the writer escapes nothing above 0x7F.
  private mutating func escape() throws(StoreError) -> UInt8 {
    let byte = peek
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte ?? 0
    case UInt8(ascii: "n"): return UInt8(ascii: "\n")
    case UInt8(ascii: "r"): return UInt8(ascii: "\r")
    case UInt8(ascii: "t"): return UInt8(ascii: "\t")
    case UInt8(ascii: "u"):
      let code = try hexadecimal()
      if code != 1 { return code }
      // The pairs 01 01 and 01 02 stand for U+0000 and U+0001.
      try skip(#"\u"#)
      let second = try hexadecimal()
      guard second == 1 || second == 2 else { throw corrupt }
      return second - 1
    default: throw corrupt
    }
  }

  private mutating func hexadecimal() throws(StoreError) -> UInt8 {
    try skip("00")
    var code: UInt8 = 0
    for _ in 0..<2 {
      guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw corrupt
      }
      code = code << 4 | UInt8(digit)
      position += 1
    }
    guard code > 0, code < 0x80 else { throw corrupt }
    return code
  }

  private func validated(_ slice: ArraySlice<UInt8>) throws(StoreError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else { throw corrupt }
    return text
  }
}
