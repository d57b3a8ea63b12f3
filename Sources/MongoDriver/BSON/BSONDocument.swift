// A BSON document as its bytes.

/// A BSON document: its bytes, and nothing taken out of them until somebody asks.
///
/// What always holds: the length in front is the number of bytes, and the last byte is zero. Everything
/// inside is checked, by `init(checking:)` at once, otherwise by `BSONReader` when it gets there; so a
/// document from a server costs no second walk, and damaged bytes are an error and never a trap.
public struct BSONDocument: Sendable, Hashable {
  /// What a server takes as a document, 16 MiB, and 16 KiB more for a command around it.
  public static let sizeLimitBytes = 16 * 1024 * 1024 + 16 * 1024
  /// Documents and arrays may lie this deep inside each other, the outermost counted, as servers have it.
  public static let depthLimit = 100

  public let bytes: [UInt8]

  /// The empty document.
  public init() { bytes = [5, 0, 0, 0, 0] }

  /// Bytes from anywhere, checked to the innermost value.
  public init(checking bytes: [UInt8]) throws(BSONError) {
    try self.init(framed: bytes)
    try read { (reader) throws(BSONError) in try reader.checkAll() }
  }

  /// Bytes of which only the frame is checked here.
  init(framed bytes: [UInt8]) throws(BSONError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(BSONError) in
      try BSONReader.checkFrame(UnsafeRawBufferPointer(buffer))
    }
    self.bytes = bytes
  }

  /// A copy of bytes that lie elsewhere, of which only the frame is checked here.
  init(copying buffer: UnsafeRawBufferPointer) throws(BSONError) {
    try BSONReader.checkFrame(buffer)
    bytes = Array(buffer)
  }

  /// For whoever made the bytes and knows that the frame is right.
  init(trusting bytes: [UInt8]) { self.bytes = bytes }

  /// What the closure writes. `reservingBytes` is a guess at the size that saves growing.
  public init<Failure: Error>(
    reservingBytes: Int = 256, build: (inout BSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    var writer = BSONWriter(reservingBytes: reservingBytes)
    try build(&writer)
    bytes = writer.finish()
  }

  public var isEmpty: Bool { bytes.count <= 5 }

  /// Walks the elements. The reader lives in the closure and must not leave it.
  public func read<Value, Failure: Error>(
    _ body: (inout BSONReader) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
      var reader = BSONReader(checkedFrame: UnsafeRawBufferPointer(buffer))
      return try body(&reader)
    }
  }

  /// The value of the first element with that name; `nil` where there is none, or damage in front of it.
  /// Walks from the start each time: for replies of commands, not for many fields.
  public subscript(_ name: String) -> BSONValue? {
    do throws(BSONError) {
      return try read { (reader) throws(BSONError) in
        while try reader.next() {
          if reader.isNamed(name) { return try reader.value() }
        }
        return nil
      }
    } catch {
      return nil
    }
  }

  /// All elements in their order.
  public func elements() throws(BSONError) -> [(name: String, value: BSONValue)] {
    try read { (reader) throws(BSONError) in
      var elements: [(name: String, value: BSONValue)] = []
      while try reader.next() { elements.append((try reader.name(), try reader.value())) }
      return elements
    }
  }
}

extension BSONDocument: CustomStringConvertible {
  /// The size only: what a document holds must not get into a log by accident.
  public var description: String { "BSON document of \(bytes.count) bytes" }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
  /// In the order in which they are written: for commands and tests.
  public init(dictionaryLiteral elements: (String, BSONValue)...) {
    self.init { writer in
      for (name, value) in elements { writer.append(name, value) }
    }
  }
}
