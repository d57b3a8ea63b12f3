// What waits for the next poll, or for the end of an upgrade.

/// Frames in the order in which they are to be sent, with the number of their bytes.
struct OutgoingQueue: Sendable {
  private(set) var frames: [EngineFrame] = []
  private(set) var byteCount = 0

  var isEmpty: Bool { frames.isEmpty }

  mutating func append(_ frame: EngineFrame) {
    frames.append(frame)
    byteCount += frame.byteCount
  }

  mutating func removeAll() { self = OutgoingQueue() }

  mutating func takeAll() -> [EngineFrame] {
    defer { removeAll() }
    return frames
  }

  /// Frames in one answer: python-engineio takes no more, and ends a session that brings more.
  private static let bodyLimitFrames = 16

  /// The body of one answer: at least one frame, and no more than fit the limits.
  mutating func takeBody(limitBytes: Int) -> [UInt8] {
    var (count, bytes) = (0, 0)
    for frame in frames {
      bytes += frame.byteCount
      if count > 0 && bytes > limitBytes || count == Self.bodyLimitFrames { break }
      count += 1
    }
    let body = PollingPayload.body(frames.prefix(count))
    frames.removeFirst(count)
    byteCount = frames.reduce(0) { $0 + $1.byteCount }
    return body
  }
}
