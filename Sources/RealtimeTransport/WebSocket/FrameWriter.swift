// Makes the frames that the server sends: never masked, never in parts.

import NIOCore

/// Puts a head before a payload.
enum FrameWriter {
  static func frame(
    _ opcode: FrameHead.Opcode, _ payload: some Collection<UInt8>, isCompressed: Bool = false
  ) -> ByteBuffer {
    let count = payload.count
    var buffer = ByteBuffer()
    buffer.reserveCapacity(count + 10)
    buffer.writeInteger(0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue)
    switch count {
    case ...125: buffer.writeInteger(UInt8(count))
    case ...0xFFFF:
      buffer.writeInteger(126 as UInt8)
      buffer.writeInteger(UInt16(count))
    default:
      buffer.writeInteger(127 as UInt8)
      buffer.writeInteger(UInt64(count))
    }
    buffer.writeBytes(payload)
    return buffer
  }
}
