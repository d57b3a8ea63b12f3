// Reads what a WebSocket client sends: frames, in whatever pieces they come, put together to messages.

package import NIOCore

/// A pure machine over the bytes of one connection. No input traps; memory is bounded by the payload limit.
///
/// Nothing is kept between frames but the parts of an unfinished message, so an idle connection costs next to
/// nothing. Memory grows with what was received, never with what a head announces.
package struct FrameReader {
  package enum Received: Equatable {
    /// Checked to be UTF-8, unless it is compressed; then whoever decompresses it checks.
    case text([UInt8], isCompressed: Bool)
    case binary([UInt8], isCompressed: Bool)
    case ping([UInt8])
    case pong
    /// `code` is `nil` where the client gave none.
    case close(code: UInt16?)
  }

  private enum Kind { case none, text, binary }

  private let limitBytes: Int
  private let allowsCompression: Bool
  /// The bytes of a head that is not complete yet.
  private var partialHead: [UInt8] = []
  /// The frame whose payload is being read.
  private var head: FrameHead?
  private var message: [UInt8] = []
  private var control: [UInt8] = []
  private var messageKind = Kind.none
  private var isMessageCompressed = false

  package init(limitBytes: Int, allowsCompression: Bool) {
    (self.limitBytes, self.allowsCompression) = (limitBytes, allowsCompression)
  }

  /// The next thing that is complete, or `nil` when `buffer` is used up.
  package mutating func next(_ buffer: inout ByteBuffer) throws(WebSocketFailure) -> Received? {
    while true {
      if head == nil, try !readHead(&buffer) { return nil }
      guard let head else { return nil }
      guard readPayload(head, &buffer) else { return nil }
      self.head = nil
      if let received = try complete(head) { return received }
    }
  }

  // MARK: Heads

  /// Whether a head is complete.
  private mutating func readHead(_ buffer: inout ByteBuffer) throws(WebSocketFailure) -> Bool {
    while true {
      let wanted = partialHead.count < 2 ? 2 : FrameHead.bytes(secondByte: partialHead[1])
      if partialHead.count == wanted {
        let head = try FrameHead(partialHead, allowsCompression: allowsCompression)
        try begin(head)
        self.head = head
        partialHead = []
        return true
      }
      guard
        let bytes = buffer.readBytes(
          length: min(wanted - partialHead.count, buffer.readableBytes)), !bytes.isEmpty
      else { return false }
      partialHead += bytes
    }
  }

  /// Whether the frame may come here, and fits.
  private mutating func begin(_ head: FrameHead) throws(WebSocketFailure) {
    switch head.opcode {
    case .close, .ping, .pong: return
    case .continuation:
      guard messageKind != .none else { throw .protocolError("a part of no message") }
    case .text, .binary:
      guard messageKind == .none else { throw .protocolError("a message inside a message") }
      messageKind = head.opcode == .text ? .text : .binary
      isMessageCompressed = head.isCompressed
    }
    guard head.length <= limitBytes - message.count else { throw .tooLarge }
  }

  // MARK: Payloads

  /// Whether the payload of the frame is complete.
  private mutating func readPayload(_ head: FrameHead, _ buffer: inout ByteBuffer) -> Bool {
    let count = min(payloadLeft(head), buffer.readableBytes)
    if count > 0, var bytes = buffer.readBytes(length: count) {
      Self.unmask(&bytes, head.mask, offset: head.length - payloadLeft(head))
      if head.opcode.isControl {
        control += bytes
      } else if message.isEmpty {
        message = bytes
      } else {
        message += bytes
      }
      received += count
    }
    return payloadLeft(head) == 0
  }

  /// Bytes of the current frame's payload that were read.
  private var received = 0

  private func payloadLeft(_ head: FrameHead) -> Int { max(0, head.length - received) }

  private static func unmask(_ bytes: inout [UInt8], _ mask: UInt32, offset: Int) {
    // The mask as it lies over the first four bytes of this piece.
    let shift = UInt32(offset & 3) * 8
    let turned = shift == 0 ? mask : mask << shift | mask >> (32 - shift)
    let keys = SIMD4<UInt8>(
      UInt8(truncatingIfNeeded: turned >> 24), UInt8(truncatingIfNeeded: turned >> 16),
      UInt8(truncatingIfNeeded: turned >> 8), UInt8(truncatingIfNeeded: turned))
    _ = bytes.withContiguousMutableStorageIfAvailable { bytes in
      for index in bytes.indices { bytes[index] ^= keys[index & 3] }
    }
  }

  // MARK: Completion

  private mutating func complete(_ head: FrameHead) throws(WebSocketFailure) -> Received? {
    received = 0
    guard head.opcode.isControl else { return try completeMessage(head) }
    let payload = control
    control = []
    switch head.opcode {
    case .ping: return .ping(payload)
    case .close: return .close(code: try CloseFrame.code(payload))
    default: return .pong
    }
  }

  private mutating func completeMessage(_ head: FrameHead) throws(WebSocketFailure) -> Received? {
    guard head.isFinal else { return nil }
    let (payload, kind, isCompressed) = (message, messageKind, isMessageCompressed)
    (message, messageKind, isMessageCompressed) = ([], .none, false)
    guard kind == .text else { return .binary(payload, isCompressed: isCompressed) }
    if !isCompressed { try Self.requireUTF8(payload) }
    return .text(payload, isCompressed: isCompressed)
  }

  /// RFC 3629: no surrogates, nothing beyond U+10FFFF, no longer form than needed.
  static func requireUTF8(_ bytes: [UInt8]) throws(WebSocketFailure) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
  }
}
