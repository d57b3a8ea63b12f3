// Where libcurl stands in the body that goes out.

/// Hands the body out piece by piece. Lives on the transfer thread.
struct UploadCursor {
  private enum Source {
    case nothing
    case bytes([UInt8])
    case stream(SendBuffer, current: [UInt8])
  }

  private var source: Source
  /// Position in the array, or in the current chunk of the stream.
  private var position = 0
  /// Bytes handed out since the beginning.
  private(set) var given: Int64 = 0
  /// How many bytes it has in all.
  let length: Int64

  private let mayRewind: Bool

  /// - Parameter mayRewind: whether bytes that were handed out may be handed out again.
  init(_ body: CurlBody, buffer: SendBuffer, mayRewind: Bool) {
    self.mayRewind = mayRewind
    switch body {
    case .none: (source, length) = (.nothing, 0)
    case .bytes(let bytes): (source, length) = (.bytes(bytes), Int64(bytes.count))
    case .stream(let bytes, _): (source, length) = (.stream(buffer, current: []), bytes)
    }
  }

  var isExhausted: Bool { given >= length }

  /// Copies what is there and fits; 0 at the end; `nil` where the source has to be waited for.
  mutating func copy(into room: UnsafeMutableRawBufferPointer) -> Int? {
    switch source {
    case .nothing: return 0
    case .bytes(let bytes):
      let count = Self.copy(bytes, from: position, into: room)
      advance(count)
      return count
    case .stream(let buffer, var current):
      // Out of the enum while it is used, or every step would copy the chunk.
      source = .nothing
      let count = fill(room, from: buffer, &current)
      source = .stream(buffer, current: current)
      return count > 0 || isExhausted ? count : nil
    }
  }

  /// Back to a position, for libcurl to repeat the request on a fresh connection. A stream that has given
  /// bytes cannot.
  mutating func rewind(to offset: Int64) -> Bool {
    if case .stream = source { return offset == given && offset == 0 }
    guard offset <= length, mayRewind || given == 0 else { return false }
    (position, given) = (Int(offset), offset)
    return true
  }

  private mutating func fill(
    _ room: UnsafeMutableRawBufferPointer, from buffer: SendBuffer, _ current: inout [UInt8]
  ) -> Int {
    var filled = 0
    while filled < room.count, !isExhausted {
      if position == current.count {
        guard let next = buffer.take() else { break }
        (current, position) = (next, 0)
      }
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
      let count = Self.copy(current, from: position, into: rest)
      advance(count)
      filled += count
    }
    if isExhausted { current = [] }
    return filled
  }

  private mutating func advance(_ count: Int) {
    position += count
    given += Int64(count)
  }

  private static func copy(
    _ bytes: [UInt8], from position: Int, into room: UnsafeMutableRawBufferPointer
  ) -> Int {
    let count = min(room.count, bytes.count - position)
    guard count > 0 else { return 0 }
    bytes.withUnsafeBytes {
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
    }
    return count
  }
}
