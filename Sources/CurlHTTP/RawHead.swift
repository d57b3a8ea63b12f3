// The head of an answer, from libcurl's lines to `CurlHead`.

/// Status and header lines as they came. Parsed by the caller's task, so that the transfer thread need not.
struct RawHead: Sendable {
  var status = 0
  /// Header lines with their line ends, without the status line and the empty line.
  var lines: [UInt8] = []

  var parsed: CurlHead {
    var headers: [CurlHeader] = []
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if let first = text.first, Self.isBlank(first), let last = headers.popLast() {
        // A folded line (RFC 9112, section 5.2) belongs to the value before it.
        headers.append(CurlHeader(last.name, last.value + " " + Self.string(text)))
      } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
        headers.append(
          CurlHeader(Self.string(text[..<colon]), Self.string(text[text.index(after: colon)...])))
      }
    }
    return CurlHead(status: status, headers: headers)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String {
    let front = bytes.drop(while: isBlank)
    let trailing = front.reversed().prefix(while: isBlank).count
    return String(decoding: front.dropLast(trailing), as: UTF8.self)
  }
}

/// Collects the lines that libcurl hands over, one at a time; keeps the final head, drops provisional ones.
struct HeadCollector {
  enum Step: Equatable { case more, provisional, complete, refused }

  private(set) var head = RawHead()
  private(set) var isComplete = false
  /// Bytes of all lines so far, trailers and provisional heads included: so none of them is endless.
  private(set) var totalBytes = 0
  private let limitBytes: Int

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  mutating func add(_ line: UnsafeRawBufferPointer) -> Step {
    totalBytes += line.count
    guard totalBytes <= limitBytes else { return .refused }
    // Behind the head only trailers come, which nobody asked for.
    if isComplete { return .more }
    if line.starts(with: "HTTP/".utf8) { return beginBlock(line) }
    if line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") { return endBlock() }
    head.lines.append(contentsOf: line)
    return .more
  }

  private mutating func beginBlock(_ line: UnsafeRawBufferPointer) -> Step {
    let code = line.drop { $0 != 0x20 }.dropFirst().prefix(3)
    // HTTP/2 in the clear is a server that lies; libcurl 7.88 would take it.
    guard line.starts(with: "HTTP/1.".utf8), code.count == 3,
      let status = Int(String(decoding: code, as: UTF8.self)),
      (100...999).contains(status)
    else { return .refused }
    head = RawHead(status: status)
    return .more
  }

  private mutating func endBlock() -> Step {
    switch head.status {
    case 200...: isComplete = true; return .complete
    case 100..<200: head = RawHead(); return .provisional
    default: return .refused
    }
  }
}
