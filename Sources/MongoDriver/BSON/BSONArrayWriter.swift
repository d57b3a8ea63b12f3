// Writes the elements of a BSON array, which are numbered instead of named.

/// Appends elements to an array that a `BSONWriter` has begun.
public struct BSONArrayWriter: ~Copyable {
  private var writer: BSONWriter
  /// How many elements there are so far.
  public private(set) var count = 0

  init(writer: consuming BSONWriter) { self.writer = writer }

  mutating func takeBytes() -> [UInt8] { writer.giveBytes() }

  public mutating func append(_ value: String) {
    begin(.string)
    writer.appendString(value)
  }

  public mutating func append(_ value: Int64) {
    begin(.int64)
    writer.append(value)
  }

  public mutating func append(_ value: Int32) {
    begin(.int32)
    writer.append(value)
  }

  public mutating func append(_ value: Bool) {
    begin(.bool)
    writer.appendByte(value ? 1 : 0)
  }

  public mutating func append(_ value: BSONTime) {
    begin(.time)
    writer.append(value.milliseconds)
  }

  public mutating func append(_ value: BSONDocument) {
    begin(.document)
    writer.appendBytes(value.bytes)
  }

  public mutating func append(_ value: BSONValue) {
    begin(value.type)
    writer.appendPayload(value)
  }

  /// A document as the next element.
  public mutating func document<Failure: Error>(
    _ body: (inout BSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    begin(.document)
    try writer.nested(body)
  }

  /// An array as the next element.
  public mutating func array<Failure: Error>(
    _ body: (inout BSONArrayWriter) throws(Failure) -> Void
  ) throws(Failure) {
    begin(.array)
    try writer.elements(body)
  }

  private mutating func begin(_ type: BSONType) {
    writer.begin(type, number: count)
    count += 1
  }
}
