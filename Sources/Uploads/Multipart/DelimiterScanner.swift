// Tells content from delimiters, however the stream is cut into chunks.

/// Cuts a stream at its delimiters (RFC 2046, 5.1.1). What only looks like one is content.
///
/// A delimiter is `CRLF "--" boundary`, then `--` for the last one, or blanks and CRLF. At the beginning of a body and
/// of a part's content the CRLF before it is taken as read: for a part, the one that ended its headers.
/// What is held back from one chunk to the next is the number of bytes that matched, and at most `paddingLimit` blanks.
struct DelimiterScanner: Sendable {
  /// Where a scan came to its end.
  enum Stop: Equatable {
    /// The chunk is used up.
    case chunkEnd
    /// A delimiter has been read, and a part begins at the index.
    case part(Int)
    /// The last delimiter has been read; from the index on it is epilogue.
    case close(Int)
  }

  static let paddingLimit = 128
  private static let hyphen = UInt8(ascii: "-")

  private let search: DelimiterSearch
  /// Bytes of the delimiter that the stream's end matches.
  private var matched = 2
  /// Those of them that were never in the content: the CRLF taken as read.
  private var assumed = 2
  /// What came behind a whole delimiter and does not tell yet what it is.
  private var tail: [UInt8] = []

  init(_ boundary: MultipartBoundary) { search = DelimiterSearch(boundary) }

  /// Reads the chunk from `start` on and hands over the content in order.
  mutating func scan(
    _ chunk: [UInt8], from start: Int, content: (ArraySlice<UInt8>) -> Void
  ) -> Stop {
    // Content from `open` on has not been handed over; the match began at `origin`, if in this chunk.
    var (index, open, origin) = (start, start, Int?.none)
    while true {
      if matched == 0 {
        guard let found = search.firstIndex(in: chunk, from: index) else {
          origin = search.beginning(in: chunk, from: index) ?? chunk.count
          matched = chunk.count - (origin ?? 0)
          break
        }
        (origin, matched, index) = (found, search.delimiter.count, found + search.delimiter.count)
      }
      guard index < chunk.count else { break }
      let meaning = meaning(of: chunk[index])
      if meaning == .isContent {
        if origin == nil {
          giveBack(content)
          open = index
        }
        (matched, assumed, tail, origin) = (0, 0, [], nil)
        continue
      }
      index += 1
      if meaning == .isUndecided { continue }
      if let origin, open < origin { content(chunk[open..<origin]) }
      (matched, assumed, tail) = (2, 2, [])
      return meaning == .closes ? .close(index) : .part(index)
    }
    if let origin, open < origin { content(chunk[open..<origin]) }
    return .chunkEnd
  }

  private enum Meaning { case isUndecided, isContent, opensPart, closes }

  /// What is known of the match after one more byte.
  private mutating func meaning(of byte: UInt8) -> Meaning {
    if matched < search.delimiter.count {
      guard byte == search.delimiter[matched] else { return .isContent }
      matched += 1
      return .isUndecided
    }
    switch tail.last {
    case Self.hyphen: return byte == Self.hyphen ? .closes : .isContent
    case ASCII.carriageReturn: return byte == ASCII.lineFeed ? .opensPart : .isContent
    default: break
    }
    let goesOn =
      byte == ASCII.carriageReturn || ASCII.isBlank(byte) || byte == Self.hyphen && tail.isEmpty
    guard goesOn, tail.count < Self.paddingLimit else { return .isContent }
    tail.append(byte)
    return .isUndecided
  }

  /// What was held back from chunks before was content after all.
  private func giveBack(_ content: (ArraySlice<UInt8>) -> Void) {
    if assumed < matched { content(search.delimiter[assumed..<matched]) }
    if !tail.isEmpty { content(tail[...]) }
  }
}
