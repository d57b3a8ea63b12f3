// The field Range.

/// A part of a file that somebody wants (RFC 9110, 14.1 and 14.2).
package struct ByteRange: Sendable, Equatable {
  /// What the field asks of a file of a known size.
  package enum Request: Sendable, Equatable {
    /// Answer as if there were no Range: none was sent, or one that a server may ignore: another unit, nonsense, or
    /// several ranges. Many small ones cost a server more than the whole file, and no client depends on getting them.
    case whole
    case part(ByteRange)
    /// 416: it begins behind the end.
    case unsatisfiable
  }

  private static let limitBytes = 64

  package let first: Int64
  /// Included.
  package let last: Int64

  package var count: Int64 { last - first + 1 }

  /// As the object store takes it.
  package var offsets: Range<Int64> { first..<last + 1 }

  /// For the field Content-Range.
  package func contentRange(of size: Int64) -> String { "bytes \(first)-\(last)/\(size)" }

  package static func unsatisfiedRange(of size: Int64) -> String { "bytes */\(size)" }

  /// Numbers that no number holds saturate, and are cut to the file: none overflows.
  package static func read(_ field: String?, size: Int64) -> Request {
    guard let field, field.utf8.count <= limitBytes else { return .whole }
    let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, ASCII.areAlike(ASCII.trimmed(parts[0]), "bytes") else { return .whole }
    let spec = Array(ASCII.trimmed(parts[1]).utf8)
    guard let hyphen = spec.firstIndex(of: UInt8(ascii: "-")) else { return .whole }
    let (from, to) = (spec[..<hyphen], spec[(hyphen + 1)...])
    if from.isEmpty { return suffix(to, size) }
    guard let first = ASCII.number(from) else { return .whole }
    guard !to.isEmpty else { return part(first, size - 1, size) }
    guard let last = ASCII.number(to), last >= first else { return .whole }
    return part(first, last, size)
  }

  /// The last bytes.
  private static func suffix(_ digits: ArraySlice<UInt8>, _ size: Int64) -> Request {
    guard let count = ASCII.number(digits) else { return .whole }
    if count == 0 { return .unsatisfiable }
    // Of an empty file there are no last bytes that a Content-Range could name; the whole of it is them.
    return size == 0 ? .whole : part(max(0, size - count), size - 1, size)
  }

  private static func part(_ first: Int64, _ last: Int64, _ size: Int64) -> Request {
    first < size ? .part(ByteRange(first: first, last: min(last, size - 1))) : .unsatisfiable
  }
}
