// Feeds the reader of WebSocket frames, and the decompressor behind it.

import Gzip
import NIOCore
import RealtimeTransport

/// The first byte says into which pieces the rest is cut, and whether compression was agreed on.
@Sendable
func fuzzFrames(_ input: [UInt8]) {
  guard let first = input.first else { return }
  let limitBytes = 4096
  var reader = FrameReader(limitBytes: limitBytes, allowsCompression: first & 1 == 1)
  var rest = input.dropFirst()
  while !rest.isEmpty {
    let piece = rest.prefix(Int(first >> 1) + 1)
    rest = rest.dropFirst(piece.count)
    var buffer = ByteBuffer(bytes: piece)
    do throws(WebSocketFailure) {
      while let received = try reader.next(&buffer) { check(received, limitBytes) }
    } catch {
      precondition([1002, 1007, 1009].contains(error.code), "an odd close code")
      return
    }
    precondition(buffer.readableBytes == 0, "bytes are left over")
  }
}

private func check(_ received: FrameReader.Received, _ limitBytes: Int) {
  switch received {
  case .text(let bytes, let isCompressed):
    precondition(bytes.count <= limitBytes, "a message is larger than the limit")
    precondition(
      isCompressed || String(validating: bytes, as: UTF8.self) != nil, "a text is no UTF-8")
    if isCompressed { inflate(bytes, limitBytes) }
  case .binary(let bytes, let isCompressed):
    precondition(bytes.count <= limitBytes, "a message is larger than the limit")
    if isCompressed { inflate(bytes, limitBytes) }
  case .ping(let bytes): precondition(bytes.count <= 125, "a ping is too long")
  case .pong, .close: break
  }
}

private func inflate(_ bytes: [UInt8], _ limitBytes: Int) {
  do throws(GzipError) {
    let plain = try MessageInflater().decompress(bytes, limitBytes: limitBytes)
    precondition(plain.count <= limitBytes, "more comes out than is allowed")
  } catch {
    // Damaged, or too large: told, as it should be.
  }
}
