// A packet as bytes for WebSockets, made once for all who get it.

import Gzip
import NIOCore
import RealtimeProtocol
import Synchronization

/// One packet on its way to any number of sockets. Its frames lie in one buffer, which all writes share.
final class OutgoingPacket: Sendable {
  let packet: EncodedPacket
  let plain: ByteBuffer
  /// From what size on a frame is compressed; `nil` where none of this packet's is.
  private let floorBytes: Int?
  private let compressed = Mutex<ByteBuffer?>(nil)

  init(_ packet: EncodedPacket, compressionFloorBytes: Int?) {
    self.packet = packet
    plain = Self.frames(packet) { opcode, payload in FrameWriter.frame(opcode, payload) }
    let longest = packet.attachments.reduce(packet.text.count) { max($0, $1.count) }
    floorBytes = compressionFloorBytes.flatMap { longest >= $0 ? $0 : nil }
  }

  /// The frames for clients that take compressed messages. The first who asks compresses; those on other threads wait
  /// for that, which takes less time than compressing once more.
  func compressed(by deflater: @autoclosure () -> MessageDeflater) -> ByteBuffer {
    guard let floorBytes else { return plain }
    return compressed.withLock { buffer in
      if let buffer { return buffer }
      let deflater = deflater()
      let made = Self.frames(packet) { opcode, payload in
        payload.count < floorBytes
          ? FrameWriter.frame(opcode, payload)
          : FrameWriter.frame(opcode, deflater.compress(payload), isCompressed: true)
      }
      buffer = made
      return made
    }
  }

  private static func frames(
    _ packet: EncodedPacket, _ frame: (FrameHead.Opcode, [UInt8]) -> ByteBuffer
  ) -> ByteBuffer {
    var buffer = frame(.text, packet.text)
    for attachment in packet.attachments {
      var next = frame(.binary, attachment)
      buffer.writeBuffer(&next)
    }
    return buffer
  }
}
