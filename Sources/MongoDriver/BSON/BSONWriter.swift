// Writes BSON into one growing array.

/// Appends elements to one array of bytes: nothing is allocated per field, lengths are filled in afterwards.
///
/// Names hold no U+0000 (it would end them); such a name is a bug of the caller. A document may grow above
/// what a server takes: whoever sends it checks.
public struct BSONWriter: ~Copyable {
  private(set) var bytes: [UInt8]

  init(reservingBytes: Int) {
    bytes = []
    bytes.reserveCapacity(max(16, min(reservingBytes, BSONDocument.sizeLimitBytes)))
    append(Int32(0))
  }

  /// Goes on behind bytes that were written already.
  init(continuing bytes: consuming [UInt8]) { self.bytes = bytes }

  /// How many bytes are written so far.
  public var count: Int { bytes.count }

  /// Ends the outermost document and gives its bytes away.
  consuming func finish() -> [UInt8] {
    endDocument(at: 0)
    return bytes
  }

  public mutating func append(_ name: String, _ value: String) {
    begin(.string, name)
    appendString(value)
  }

  public mutating func append(_ name: String, _ value: Int64) {
    begin(.int64, name)
    append(value)
  }

  public mutating func append(_ name: String, _ value: Int32) {
    begin(.int32, name)
    append(value)
  }

  public mutating func append(_ name: String, _ value: Bool) {
    begin(.bool, name)
    bytes.append(value ? 1 : 0)
  }

  public mutating func append(_ name: String, _ value: Double) {
    begin(.double, name)
    append(value.bitPattern)
  }

  public mutating func append(_ name: String, _ value: BSONTime) {
    begin(.time, name)
    append(value.milliseconds)
  }

  public mutating func append(_ name: String, _ value: BSONDocument) {
    begin(.document, name)
    bytes.append(contentsOf: value.bytes)
  }

  public mutating func append(_ name: String, _ value: BSONBinary) {
    begin(.binary, name)
    append(Int32(clamping: value.bytes.count))
    bytes.append(value.subtype)
    bytes.append(contentsOf: value.bytes)
  }

  public mutating func append(_ name: String, _ value: BSONObjectID) {
    begin(.objectID, name)
    append(value.high.byteSwapped)
    append(value.low.byteSwapped)
  }

  public mutating func append(_ name: String, _ value: BSONTimestamp) {
    begin(.timestamp, name)
    append(value.increment)
    append(value.seconds)
  }

  public mutating func append(_ name: String, _ documents: [BSONDocument]) {
    array(name) { array in
      for document in documents { array.append(document) }
    }
  }

  public mutating func appendNull(_ name: String) { begin(.null, name) }
  public mutating func appendMinKey(_ name: String) { begin(.minKey, name) }
  public mutating func appendMaxKey(_ name: String) { begin(.maxKey, name) }

  /// A document inside this one.
  public mutating func document<Failure: Error>(
    _ name: String, _ body: (inout BSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    begin(.document, name)
    try nested(body)
  }

  mutating func nested<Failure: Error>(
    _ body: (inout BSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    append(Int32(0))
    try body(&self)
    endDocument(at: start)
  }

  /// An array inside this document.
  public mutating func array<Failure: Error>(
    _ name: String, _ body: (inout BSONArrayWriter) throws(Failure) -> Void
  ) throws(Failure) {
    begin(.array, name)
    try elements(body)
  }

  mutating func elements<Failure: Error>(
    _ body: (inout BSONArrayWriter) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    append(Int32(0))
    // The bytes move over and back, so that there is always one owner and nothing is copied.
    var array = BSONArrayWriter(writer: BSONWriter(continuing: giveBytes()))
    do throws(Failure) {
      try body(&array)
    } catch {
      bytes = array.takeBytes()
      throw error
    }
    bytes = array.takeBytes()
    endDocument(at: start)
  }

  mutating func giveBytes() -> [UInt8] {
    var given: [UInt8] = []
    swap(&given, &bytes)
    return given
  }

  // MARK: - Pieces

  mutating func begin(_ type: BSONType, _ name: String) {
    bytes.append(type.rawValue)
    var name = name
    name.withUTF8 { utf8 in
      precondition(!utf8.contains(0), "a BSON name must not hold U+0000")
      bytes.append(contentsOf: utf8)
    }
    bytes.append(0)
  }

  /// The name of an element of an array: its number.
  mutating func begin(_ type: BSONType, number: Int) {
    bytes.append(type.rawValue)
    if number < 10 {
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
    } else {
      bytes.append(contentsOf: String(number).utf8)
    }
    bytes.append(0)
  }

  mutating func appendString(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      append(Int32(clamping: utf8.count + 1))
      bytes.append(contentsOf: utf8)
    }
    bytes.append(0)
  }

  mutating func appendByte(_ byte: UInt8) { bytes.append(byte) }

  mutating func appendBytes(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func endDocument(at start: Int) {
    bytes.append(0)
    let length = UInt32(truncatingIfNeeded: Int32(clamping: bytes.count - start))
    for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
  }
}
