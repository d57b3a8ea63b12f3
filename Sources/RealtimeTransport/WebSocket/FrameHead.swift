// The beginning of a WebSocket frame: RFC 6455, section 5.2.

/// What stands before the payload of a frame that a client sent.
struct FrameHead: Equatable {
  enum Opcode: UInt8 {
    case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

    var isControl: Bool { rawValue >= 8 }
  }

  let opcode: Opcode
  let isFinal: Bool
  let isCompressed: Bool
  let length: Int
  /// The mask, its first byte highest.
  let mask: UInt32

  /// The longest there is: two bytes, a length of eight, a mask.
  static let maximumBytes = 14

  /// How many bytes the head has whose first two are these.
  static func bytes(secondByte: UInt8) -> Int {
    let extended =
      switch secondByte & 0x7F {
      case 126: 2
      case 127: 8
      default: 0
      }
    return 2 + extended + (secondByte & 0x80 == 0 ? 0 : 4)
  }

  /// Reads a head that is complete: as many bytes as `bytes(secondByte:)` says.
  init(_ bytes: [UInt8], allowsCompression: Bool) throws(WebSocketFailure) {
    guard bytes.count >= 2, bytes.count == Self.bytes(secondByte: bytes[1]) else {
      throw .protocolError("a frame without a head")
    }
    guard bytes[0] & 0x30 == 0 else { throw .protocolError("reserved bits are set") }
    guard let opcode = Opcode(rawValue: bytes[0] & 0x0F) else {
      throw .protocolError("an unknown opcode")
    }
    // Servers must refuse what is not masked: section 5.1.
    guard bytes[1] & 0x80 != 0 else { throw .protocolError("a frame without a mask") }
    self.opcode = opcode
    isFinal = bytes[0] & 0x80 != 0
    isCompressed = bytes[0] & 0x40 != 0
    length = try Self.length(bytes)
    mask = bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    if isCompressed, !allowsCompression || opcode.isControl || opcode == .continuation {
      throw .protocolError("reserved bits are set")
    }
    if opcode.isControl, !isFinal || length > 125 {
      throw .protocolError("a control frame in parts, or too long")
    }
  }

  /// The shortest form must be used, and the highest bit is not.
  private static func length(_ bytes: [UInt8]) throws(WebSocketFailure) -> Int {
    let short = Int(bytes[1] & 0x7F)
    guard short > 125 else { return short }
    let extended = bytes[2..<(short == 126 ? 4 : 10)]
    let length = extended.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Int64.max), length > (short == 126 ? 125 : 0xFFFF) else {
      throw .protocolError("a length in a form that is not allowed")
    }
    return Int(length)
  }
}
