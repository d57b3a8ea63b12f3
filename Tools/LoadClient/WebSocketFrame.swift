// Frames of RFC 6455 as a client meets them: read without a mask, written with one.

package import NIOCore

/// One frame that came from a server.
///
/// Written for this client alone, and not shared with the server that it measures and tests: a mistake that both made
/// alike would not be seen.
package struct WebSocketFrame {
  /// The operations of RFC 6455, section 5.2, that occur here.
  package enum Operation: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10
  }

  /// More than any server sends in one frame here.
  private static let limitBytes = 64 << 20

  package let operation: Operation
  package let isFinal: Bool
  package var payload: ByteBuffer

  /// Takes the next whole frame off a buffer; `nil` where it has not all come yet.
  package static func take(from buffer: inout ByteBuffer) throws(WireFault) -> WebSocketFrame? {
    let start = buffer.readerIndex
    guard let head: UInt16 = buffer.getInteger(at: start) else { return nil }
    guard head & 0x7080 == 0 else { throw WireFault("a frame has reserved bits or a mask") }
    guard let operation = Operation(rawValue: UInt8(truncatingIfNeeded: head >> 8) & 0x0f) else {
      throw WireFault("a frame has an unknown operation")
    }
    guard let (length, width) = try length(head, in: buffer, at: start + 2) else { return nil }
    guard let payload = buffer.getSlice(at: start + 2 + width, length: length) else { return nil }
    buffer.moveReaderIndex(forwardBy: 2 + width + length)
    return WebSocketFrame(operation: operation, isFinal: head & 0x8000 != 0, payload: payload)
  }

  /// The payload's length, and how many bytes further length fields take.
  private static func length(
    _ head: UInt16, in buffer: ByteBuffer, at index: Int
  ) throws(WireFault) -> (length: Int, width: Int)? {
    switch head & 0x7f {
    case 126: return buffer.getInteger(at: index, as: UInt16.self).map { (Int($0), 2) }
    case 127:
      guard let length = buffer.getInteger(at: index, as: UInt64.self) else { return nil }
      guard length <= limitBytes else { throw WireFault("a frame of \(length) bytes") }
      return (Int(length), 8)
    default: return (Int(head & 0x7f), 0)
    }
  }

  /// Writes one final frame with a mask, as every client must.
  package static func write(
    _ operation: Operation, _ payload: some Collection<UInt8>, mask: UInt32,
    into buffer: inout ByteBuffer
  ) {
    buffer.writeInteger(0x80 | operation.rawValue)
    switch payload.count {
    case ...125: buffer.writeInteger(0x80 | UInt8(payload.count))
    case ...0xffff:
      buffer.writeInteger(UInt8(0x80 | 126))
      buffer.writeInteger(UInt16(payload.count))
    default:
      buffer.writeInteger(UInt8(0x80 | 127))
      buffer.writeInteger(UInt64(payload.count))
    }
    buffer.writeInteger(mask)
    var shift: UInt32 = 32
    buffer.writeBytes(
      payload.lazy.map { byte in
        shift = shift == 0 ? 24 : shift - 8
        return byte ^ UInt8(truncatingIfNeeded: mask >> shift)
      })
  }
}
