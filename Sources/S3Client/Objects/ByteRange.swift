// Ranges of bytes, as asked for and as answered.

/// The bytes of an object that are wanted: at least one, from a place that is not negative.
struct ByteRange: Sendable, Equatable {
  let lower: Int64
  /// Not included; `nil` for the object's end.
  let upper: Int64?

  /// `invalidRange` for a range that no object has: HTTP cannot ask for no bytes.
  init(_ range: Range<Int64>) throws(S3Error) {
    guard range.lowerBound >= 0, !range.isEmpty else {
      throw S3Error(
        .invalidRange, "a range has no bytes, or begins nowhere",
        hint: "ask for at least one byte, from 0 on")
    }
    lower = range.lowerBound
    upper = range.upperBound == .max ? nil : range.upperBound
  }

  init(from lower: Int64, to upper: Int64?) { (self.lower, self.upper) = (lower, upper) }

  /// The value of the Range header.
  var header: String { "bytes=\(lower)-" + (upper.map { String($0 - 1) } ?? "") }
}

/// `Content-Range: bytes 0-99/1234` of a 206.
struct ContentRange: Sendable, Equatable {
  /// Not empty.
  let bytes: Range<Int64>
  let sizeBytes: Int64

  /// `nil` for any other text, also where the size is not told or the range lies outside of it.
  init?(_ text: String) {
    guard text.utf8.count <= 80, text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let size = Self.number(parts[1]) else { return nil }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
      first <= last, last < size
    else { return nil }
    (bytes, sizeBytes) = (first..<(last + 1), size)
  }

  /// Digits only, as many as fit: `Int64` alone would take a sign.
  static func number(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
  }

  /// Whether these are the bytes that were asked for, as far as the object has them.
  func answers(_ range: ByteRange) -> Bool {
    bytes.lowerBound == range.lower
      && bytes.upperBound == min(range.upper ?? sizeBytes, sizeBytes)
  }
}
