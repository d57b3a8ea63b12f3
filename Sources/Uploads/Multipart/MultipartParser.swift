// Reads multipart/form-data as it comes in.

/// What a body has in it, in order.
package enum MultipartEvent: Sendable, Equatable {
  case part(MultipartPart)
  /// Some of the present part's content, never empty; shares memory with the chunk it came from.
  case content(ArraySlice<UInt8>)
  case partEnd
  /// The last delimiter has been read. What still comes says nothing.
  case end
}

/// A multipart/form-data body (RFC 7578, RFC 2046) as a machine: chunks of any size go in, events come out.
///
/// What it keeps between chunks is one part's header block (`MultipartLimits.headerBytes`) and a count of matched bytes,
/// whatever the body's size. The same bytes give the same parts and the same content, however they are cut into chunks.
/// After an error it must not be fed again. A value: no thread of its own, not to be shared.
package struct MultipartParser: Sendable {
  private enum State { case preamble, header, content, epilogue, failed }

  private let limits: MultipartLimits
  private var scanner: DelimiterScanner
  private var state = State.preamble
  private var headers: PartHeaders
  private var decoder = TransferDecoder(.identity)
  private var parts = 0
  /// Bytes before the first delimiter, or behind the last.
  private var ignoredBytes = 0
  /// Whether something else than empty lines stands before the first delimiter.
  private var hasPreamble = false

  package init(_ boundary: MultipartBoundary, limits: MultipartLimits = MultipartLimits()) {
    self.limits = limits
    scanner = DelimiterScanner(boundary)
    headers = PartHeaders(limits)
  }

  /// Takes the next bytes of the body.
  ///
  /// - Throws: `malformed` or `tooLarge`; events of bytes before the fault may be lost with it.
  package mutating func feed(_ chunk: [UInt8]) throws(MultipartError) -> [MultipartEvent] {
    var events: [MultipartEvent] = []
    var index = 0
    do {
      while index < chunk.count { index = try advance(chunk, from: index, &events) }
    } catch {
      state = .failed
      throw error
    }
    return events
  }

  /// The body is over.
  ///
  /// - Throws: `malformed` where it was cut off before its last delimiter. The line end behind that one may be missing.
  package mutating func finish() throws(MultipartError) {
    guard state == .epilogue else {
      state = .failed
      throw MultipartError(.malformed, "the body ends before its last boundary parts=`\(parts)`")
    }
  }

  private mutating func advance(
    _ chunk: [UInt8], from index: Int, _ events: inout [MultipartEvent]
  ) throws(MultipartError) -> Int {
    switch state {
    case .preamble: return try skipPreamble(chunk, from: index, &events)
    case .header: return try readHeader(chunk, from: index, &events)
    case .content: return try readContent(chunk, from: index, &events)
    case .epilogue:
      try ignore(chunk.count - index, limit: limits.epilogueBytes)
      return chunk.count
    case .failed: throw MultipartError(.malformed, "the body was refused before")
    }
  }

  private mutating func skipPreamble(
    _ chunk: [UInt8], from index: Int, _ events: inout [MultipartEvent]
  ) throws(MultipartError) -> Int {
    var (skipped, hasText) = (0, false)
    let stop = scanner.scan(chunk, from: index) { bytes in
      skipped += bytes.count
      hasText = hasText || bytes.contains { $0 != ASCII.carriageReturn && $0 != ASCII.lineFeed }
    }
    hasPreamble = hasPreamble || hasText
    try ignore(skipped, limit: limits.preambleBytes)
    // A form without parts is one without fields. But a text, and then an end, is one with another boundary.
    if case .close = stop, hasPreamble {
      throw MultipartError(.malformed, "the body ends before its first part")
    }
    return try go(on: stop, chunk, &events)
  }

  private mutating func readContent(
    _ chunk: [UInt8], from index: Int, _ events: inout [MultipartEvent]
  ) throws(MultipartError) -> Int {
    var pieces: [ArraySlice<UInt8>] = []
    let stop = scanner.scan(chunk, from: index) { pieces.append($0) }
    for piece in pieces {
      let decoded = try decoder.decode(piece)
      if !decoded.isEmpty { events.append(.content(decoded)) }
    }
    if stop != .chunkEnd {
      try decoder.finish()
      events.append(.partEnd)
    }
    return try go(on: stop, chunk, &events)
  }

  private mutating func go(
    on stop: DelimiterScanner.Stop, _ chunk: [UInt8], _ events: inout [MultipartEvent]
  ) throws(MultipartError) -> Int {
    switch stop {
    case .chunkEnd: return chunk.count
    case .close(let index):
      events.append(.end)
      (state, ignoredBytes) = (.epilogue, 0)
      return index
    case .part(let index):
      parts += 1
      guard parts <= limits.parts else {
        throw MultipartError(.tooLarge, "the body has too many parts limit=`\(limits.parts)`")
      }
      (state, headers) = (.header, PartHeaders(limits))
      return index
    }
  }

  private mutating func readHeader(
    _ chunk: [UInt8], from index: Int, _ events: inout [MultipartEvent]
  ) throws(MultipartError) -> Int {
    guard let end = try headers.gather(chunk, from: index) else { return chunk.count }
    let part = try MultipartPart(headers)
    decoder = TransferDecoder(part.encoding)
    (state, headers) = (.content, PartHeaders(limits))
    events.append(.part(part))
    return end
  }

  private mutating func ignore(_ count: Int, limit: Int) throws(MultipartError) {
    ignoredBytes += count
    guard ignoredBytes <= limit else {
      throw MultipartError(
        .malformed, "too much stands before the first boundary, or behind the last limit=`\(limit)`"
      )
    }
  }
}
