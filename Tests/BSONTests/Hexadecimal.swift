// Bytes written as the specification's corpus writes them.

@testable import MongoDriver

/// The bytes of hexadecimal digits; blanks are for the eye.
func hexadecimal(_ digits: String) -> [UInt8] {
  let digits = digits.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

/// Why the bytes are refused; `nil` where they are not.
func refusal(_ bytes: [UInt8]) -> BSONError.Problem? {
  do throws(BSONError) {
    _ = try BSONDocument(checking: bytes)
    return nil
  } catch {
    return error.problem
  }
}

/// Reads everything in every way that there is; must never trap, whatever the bytes.
func readAll(_ document: BSONDocument) {
  _ = document["a"]
  _ = document.hashValue
  _ = try? document.elements()
  try? document.read { (reader) throws(BSONError) in try readAll(&reader) }
}

private func readAll(_ reader: inout BSONReader) throws(BSONError) {
  while try reader.next() {
    _ = reader.isNamed("a")
    _ = try? reader.name()
    _ = try? reader.value()
    _ = try? reader.string()
    _ = try? reader.int64()
    _ = try? reader.int32()
    _ = try? reader.double()
    _ = try? reader.bool()
    _ = try? reader.time()
    _ = try? reader.timestamp()
    _ = try? reader.objectID()
    _ = try? reader.binary()
    _ = try? reader.document()
    try? reader.nested { (inner) throws(BSONError) in try readAll(&inner) }
  }
}
