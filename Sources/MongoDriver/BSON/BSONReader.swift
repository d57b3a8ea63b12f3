// Walks the elements of a BSON document where they lie.

/// Reads one document or array element by element, in place: nothing is copied until it is asked for.
///
/// `next()` steps onto an element after checking that all of it lies inside; then its name, type and
/// value can be asked for, in any order, as often as needed. No bytes can make it trap or read outside.
///
/// It points into memory that somebody else keeps: neither it nor a copy of it leaves the closure that got it.
public struct BSONReader {
  private let frame: UnsafeRawBufferPointer
  private let depth: Int
  /// Where the next element begins.
  private var position = 4
  private var currentType = BSONType.null
  private var nameRange = 0..<0
  private var valueRange = 0..<0

  /// For bytes of which `checkFrame` has been asked before.
  init(checkedFrame frame: UnsafeRawBufferPointer, depth: Int = 1) {
    (self.frame, self.depth) = (frame, depth)
  }

  /// Bytes that lie elsewhere, of which the frame is checked here.
  init(frame: UnsafeRawBufferPointer) throws(BSONError) {
    try Self.checkFrame(frame)
    self.init(checkedFrame: frame)
  }

  /// Whether the bytes are as long as they say and end with a zero.
  static func checkFrame(_ frame: UnsafeRawBufferPointer) throws(BSONError) {
    guard frame.count >= 5 else { throw BSONError(.truncated, offset: frame.count) }
    guard frame.count <= BSONDocument.sizeLimitBytes else { throw BSONError(.tooLarge, offset: 0) }
    guard frame.integer(at: 0, as: Int32.self) == frame.count else {
      throw BSONError(.wrongLength, offset: 0)
    }
    guard frame[frame.count - 1] == 0 else {
      throw BSONError(.wrongLength, offset: frame.count - 1)
    }
  }

  /// Steps onto the next element; `false` at the end.
  public mutating func next() throws(BSONError) -> Bool {
    // The last byte is the zero that ends the document, and is no part of any element.
    let end = frame.count - 1
    guard position < end else { return false }
    guard let type = BSONType(rawValue: frame[position]) else {
      throw BSONError(frame[position] == 0 ? .wrongLength : .unknownType, offset: position)
    }
    let nameStart = position + 1
    let nameEnd = try zero(from: nameStart)
    let valueStart = nameEnd + 1
    let length = try valueLength(of: type, at: valueStart)
    guard length <= end - valueStart else { throw BSONError(.truncated, offset: valueStart) }
    currentType = type
    nameRange = nameStart..<nameEnd
    valueRange = valueStart..<(valueStart + length)
    position = valueRange.upperBound
    return true
  }

  /// The type of the element's value.
  public var type: BSONType { currentType }

  /// Whether the element's name is this one, by its bytes.
  public func isNamed(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { utf8 in
      guard utf8.count == nameRange.count else { return false }
      var index = nameRange.lowerBound
      for byte in utf8 {
        if frame[index] != byte { return false }
        index += 1
      }
      return true
    }
  }

  /// The element's name. In an array it is a number that need not be looked at.
  public func name() throws(BSONError) -> String { try text(nameRange) }

  public func string() throws(BSONError) -> String {
    try check(.string)
    return try text((valueRange.lowerBound + 4)..<(valueRange.upperBound - 1))
  }

  public func int64() throws(BSONError) -> Int64 {
    try check(.int64)
    return frame.integer(at: valueRange.lowerBound)
  }

  public func int32() throws(BSONError) -> Int32 {
    try check(.int32)
    return frame.integer(at: valueRange.lowerBound)
  }

  public func double() throws(BSONError) -> Double {
    try check(.double)
    return Double(bitPattern: frame.integer(at: valueRange.lowerBound))
  }

  public func bool() throws(BSONError) -> Bool {
    try check(.bool)
    return frame[valueRange.lowerBound] != 0
  }

  public func time() throws(BSONError) -> BSONTime {
    try check(.time)
    return BSONTime(milliseconds: frame.integer(at: valueRange.lowerBound))
  }

  public func timestamp() throws(BSONError) -> BSONTimestamp {
    try check(.timestamp)
    return BSONTimestamp(
      seconds: frame.integer(at: valueRange.lowerBound + 4),
      increment: frame.integer(at: valueRange.lowerBound))
  }

  public func objectID() throws(BSONError) -> BSONObjectID {
    try check(.objectID)
    return BSONObjectID(
      high: frame.integer(at: valueRange.lowerBound, as: UInt64.self).byteSwapped,
      low: frame.integer(at: valueRange.lowerBound + 8, as: UInt32.self).byteSwapped)
  }

  public func binary() throws(BSONError) -> BSONBinary {
    try check(.binary)
    let start = valueRange.lowerBound
    return BSONBinary(
      Array(UnsafeRawBufferPointer(rebasing: frame[(start + 5)..<valueRange.upperBound])),
      subtype: frame[start + 4])
  }

  /// A copy of the document or array that the value is.
  public func document() throws(BSONError) -> BSONDocument {
    BSONDocument(trusting: Array(try nestedFrame()))
  }

  /// Walks the document or array that the value is, in place.
  public func nested<Value>(
    _ body: (inout BSONReader) throws(BSONError) -> Value
  ) throws(BSONError) -> Value {
    let inner = try nestedFrame()
    guard depth < BSONDocument.depthLimit else { throw error(.tooDeep) }
    var reader = BSONReader(checkedFrame: inner, depth: depth + 1)
    return try body(&reader)
  }

  /// The bytes of the value, without type and name.
  func rawValue() -> [UInt8] { Array(UnsafeRawBufferPointer(rebasing: frame[valueRange])) }

  /// How many bytes the value has, without type and name.
  public var valueByteCount: Int { valueRange.count }

  /// Checks all that is left, to the innermost value.
  mutating func checkAll() throws(BSONError) {
    while try next() {
      _ = try name()
      switch currentType {
      case .string: _ = try string()
      case .document, .array: try nested { (inner) throws(BSONError) in try inner.checkAll() }
      default: break
      }
    }
  }
}

// MARK: - Lengths

extension BSONReader {
  private func error(_ problem: BSONError.Problem) -> BSONError {
    BSONError(problem, offset: valueRange.lowerBound)
  }

  private func check(_ type: BSONType) throws(BSONError) {
    guard currentType == type else { throw error(.otherType) }
  }

  private func text(_ range: Range<Int>) throws(BSONError) -> String {
    let bytes = UnsafeRawBufferPointer(rebasing: frame[range])
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw BSONError(.notUTF8, offset: range.lowerBound)
    }
    return text
  }

  private func nestedFrame() throws(BSONError) -> UnsafeRawBufferPointer {
    guard currentType == .document || currentType == .array else { throw error(.otherType) }
    return UnsafeRawBufferPointer(rebasing: frame[valueRange])
  }

  /// Where the next zero byte is, in front of the last one.
  private func zero(from start: Int) throws(BSONError) -> Int {
    var index = start
    while index < frame.count - 1 {
      if frame[index] == 0 { return index }
      index += 1
    }
    throw BSONError(.truncated, offset: start)
  }

  /// How long a value is. It may still reach too far: `next()` looks.
  private func valueLength(of type: BSONType, at start: Int) throws(BSONError) -> Int {
    switch type {
    case .undefined, .null, .minKey, .maxKey: return 0
    case .int32: return 4
    case .double, .time, .timestamp, .int64: return 8
    case .objectID: return 12
    case .decimal128: return 16
    case .bool:
      guard start < frame.count - 1, frame[start] <= 1 else {
        throw BSONError(.notBoolean, offset: start)
      }
      return 1
    case .string, .code, .symbol: return try stringLength(at: start)
    case .pointer: return try stringLength(at: start) + 12
    case .binary: return try binaryLength(at: start)
    case .document, .array: return try documentLength(at: start)
    case .regularExpression: return try zero(from: try zero(from: start) + 1) + 1 - start
    case .codeWithScope: return try codeWithScopeLength(at: start)
    }
  }

  private func length(at start: Int, atLeast least: Int) throws(BSONError) -> Int {
    guard start + 4 < frame.count else { throw BSONError(.truncated, offset: start) }
    let length = Int(frame.integer(at: start, as: Int32.self))
    guard length >= least else { throw BSONError(.wrongLength, offset: start) }
    guard length < frame.count - start else { throw BSONError(.truncated, offset: start) }
    return length
  }

  private func stringLength(at start: Int) throws(BSONError) -> Int {
    let length = try length(at: start, atLeast: 1)
    guard start + 4 + length < frame.count else { throw BSONError(.truncated, offset: start) }
    guard frame[start + 3 + length] == 0 else { throw BSONError(.wrongLength, offset: start) }
    return 4 + length
  }

  private func documentLength(at start: Int) throws(BSONError) -> Int {
    let length = try length(at: start, atLeast: 5)
    guard frame[start + length - 1] == 0 else { throw BSONError(.wrongLength, offset: start) }
    return length
  }

  private func binaryLength(at start: Int) throws(BSONError) -> Int {
    let length = try length(at: start, atLeast: 0)
    guard start + 5 + length < frame.count else { throw BSONError(.truncated, offset: start) }
    // Subtype 2, of old, has its length a second time inside.
    if frame[start + 4] == 2 {
      guard length >= 4, Int(frame.integer(at: start + 5, as: Int32.self)) == length - 4 else {
        throw BSONError(.wrongLength, offset: start)
      }
    }
    return 5 + length
  }

  private func codeWithScopeLength(at start: Int) throws(BSONError) -> Int {
    let length = try length(at: start, atLeast: 14)
    let code = try stringLength(at: start + 4)
    guard 4 + code < length, try documentLength(at: start + 4 + code) == length - 4 - code else {
      throw BSONError(.wrongLength, offset: start)
    }
    return length
  }
}

extension UnsafeRawBufferPointer {
  /// The caller has checked that the bytes are there.
  fileprivate func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as: Integer.Type = Integer.self
  ) -> Integer {
    Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: Integer.self))
  }
}
