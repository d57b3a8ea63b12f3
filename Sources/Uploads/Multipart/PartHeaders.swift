// The header fields of one part.

/// Gathers a part's header block byte by byte and reads it (RFC 2046, 5.1; RFC 5322, 2.2).
///
/// Lines end in CRLF and nothing else: a bare CR or LF, or a NUL, is refused, because others on the way may take it for
/// the end of a line. A line that begins with a blank goes on with the one before.
struct PartHeaders: Sendable {
  private let limits: MultipartLimits
  private var block: [UInt8] = []
  /// Where the present line begins in `block`.
  private var lineStart = 0
  private var fields = 0

  init(_ limits: MultipartLimits) { self.limits = limits }

  /// Takes bytes from the chunk until the empty line, and returns the index behind it; `nil` where more is needed.
  mutating func gather(_ chunk: [UInt8], from start: Int) throws(MultipartError) -> Int? {
    var index = start
    while index < chunk.count {
      let byte = chunk[index]
      index += 1
      guard block.count < limits.headerBytes else {
        throw MultipartError(.tooLarge, "a part's header is too long limit=`\(limits.headerBytes)`")
      }
      let isBehindReturn = block.last == ASCII.carriageReturn && block.count > lineStart
      guard isBehindReturn == (byte == ASCII.lineFeed), byte != 0 else {
        throw MultipartError(.malformed, "a line of a part's header does not end in CRLF")
      }
      block.append(byte)
      if byte == ASCII.lineFeed, try endsBlock() { return index }
    }
    return nil
  }

  /// A line is complete; whether it is the empty one.
  private mutating func endsBlock() throws(MultipartError) -> Bool {
    if block.count - lineStart == 2 { return true }
    fields += 1
    guard fields <= limits.headerFields else {
      throw MultipartError(.tooLarge, "a part has too many header fields")
    }
    lineStart = block.count
    return false
  }

  /// The fields in order, names in lower case.
  func read() throws(MultipartError) -> [(name: String, value: ArraySlice<UInt8>)] {
    var fields: [(name: String, value: ArraySlice<UInt8>)] = []
    var rest = block[...]
    while let end = rest.firstIndex(of: ASCII.carriageReturn), end > rest.startIndex {
      let line = rest[..<end]
      rest = rest[(end + 2)...]
      if let first = line.first, ASCII.isBlank(first) {
        guard let last = fields.popLast() else { throw Self.noField }
        let joined = Array(last.value) + [ASCII.space] + Array(ASCII.trimmed(line))
        fields.append((last.name, joined[...]))
      } else {
        fields.append(try Self.field(line))
      }
    }
    return fields
  }

  private static let noField = MultipartError(.malformed, "a line of a part's header is no field")

  private static func field(
    _ line: ArraySlice<UInt8>
  ) throws(MultipartError) -> (name: String, value: ArraySlice<UInt8>) {
    let name = line.prefix(while: ASCII.isToken)
    let rest = line.dropFirst(name.count)
    guard !name.isEmpty, rest.first == UInt8(ascii: ":") else { throw noField }
    return (
      String(decoding: name.map(ASCII.lowercased), as: UTF8.self),
      ASCII.trimmed(rest.dropFirst())
    )
  }
}
