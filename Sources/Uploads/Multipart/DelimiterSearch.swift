// Finds a delimiter in a chunk.

/// Horspool's search for `CRLF "--" boundary`, in checked code.
///
/// A chunk is walked in steps of up to the delimiter's length. Whatever the sender chooses, the work stays linear: the
/// delimiter holds only one carriage return, at its beginning, and a window is compared only where it begins with one.
/// So no byte takes part in two comparisons, and a sender who makes every step one byte long makes it a third of a
/// gigabyte a second, against ten; to look for the next carriage return there was no faster.
struct DelimiterSearch: Sendable {
  let delimiter: [UInt8]
  /// How far the window may move when its last byte is the one of the index.
  private let steps: [Int]

  init(_ boundary: MultipartBoundary) {
    delimiter = [ASCII.carriageReturn, ASCII.lineFeed] + Array("--".utf8) + boundary.bytes
    var steps = [Int](repeating: delimiter.count, count: 256)
    for (index, byte) in delimiter.dropLast().enumerated() {
      steps[Int(byte)] = delimiter.count - 1 - index
    }
    self.steps = steps
  }

  /// The index in the chunk where the delimiter first begins at or behind `start`, whole.
  func firstIndex(in chunk: [UInt8], from start: Int) -> Int? {
    let (bytes, pattern, steps) = (chunk.span, delimiter.span, steps.span)
    let last = pattern.count - 1
    var end = start + last
    while end < bytes.count {
      let byte = bytes[end]
      if byte == pattern[last], bytes[end - last] == ASCII.carriageReturn {
        var matched = 1
        while matched < last, bytes[end - last + matched] == pattern[matched] { matched += 1 }
        if matched == last { return end - last }
      }
      end += steps[Int(byte)]
    }
    return nil
  }

  /// Where, at or behind `start`, the chunk ends with the beginning of a delimiter.
  ///
  /// Only the last carriage return can begin it, since the delimiter has no second one.
  func beginning(in chunk: [UInt8], from start: Int) -> Int? {
    let lowest = max(start, chunk.count - (delimiter.count - 1))
    guard lowest < chunk.count,
      let index = chunk[lowest...].lastIndex(of: ASCII.carriageReturn),
      delimiter.starts(with: chunk[index...])
    else { return nil }
    return index
  }
}
