// What travels: one packet as a WebSocket frame carries it.

/// One encoded packet of Engine.IO: the payload of one WebSocket message.
package enum EngineFrame: Hashable, Sendable {
  /// UTF-8, from the type's digit on.
  case text([UInt8])
  /// A message's bytes and nothing else.
  case binary([UInt8])

  package var byteCount: Int {
    switch self {
    case .text(let bytes), .binary(let bytes): bytes.count
    }
  }

  static let close = EngineFrame.text([UInt8(ascii: "1")])
  static let ping = EngineFrame.text([UInt8(ascii: "2")])
  static let noop = EngineFrame.text([UInt8(ascii: "6")])
  /// What a probe is answered with.
  static let probeAnswer = EngineFrame.text(Array("3probe".utf8))
}

/// What a message holds. A text is bytes of valid UTF-8, sliced out of what it came in.
package enum EngineMessage: Hashable, Sendable {
  case text(ArraySlice<UInt8>)
  case binary([UInt8])

  /// As a frame of its own, for a server that sends back what it gets.
  package var frame: EngineFrame {
    switch self {
    case .text(let text): .text([UInt8(ascii: "4")] + text)
    case .binary(let bytes): .binary(bytes)
    }
  }
}
