// The seven packets of Engine.IO, revision 4.

import Encodings

/// A packet as a client sends it (Engine.IO protocol, "Packet encoding").
package enum EnginePacket: Hashable, Sendable {
  case open
  case close
  case ping(isProbe: Bool)
  case pong
  case message(EngineMessage)
  case upgrade
  case noop

  /// Of one text: the payload of a text frame, or one part of a polling payload.
  ///
  /// The text must be valid UTF-8. `nil` where it is no packet.
  package init?(text: ArraySlice<UInt8>) {
    guard let type = text.first else { return nil }
    let data = text.dropFirst()
    switch type {
    case UInt8(ascii: "0"): self = .open
    case UInt8(ascii: "1"): self = .close
    case UInt8(ascii: "2"): self = .ping(isProbe: data.elementsEqual("probe".utf8))
    case UInt8(ascii: "3"): self = .pong
    case UInt8(ascii: "4"): self = .message(.text(data))
    case UInt8(ascii: "5"): self = .upgrade
    case UInt8(ascii: "6"): self = .noop
    case UInt8(ascii: "b"):
      guard let bytes = Base64.standard.bytes(data) else { return nil }
      self = .message(.binary(bytes))
    default: return nil
    }
  }

  /// Of one WebSocket frame.
  package init?(_ frame: EngineFrame) {
    switch frame {
    case .text(let text): self.init(text: text[...])
    case .binary(let bytes): self = .message(.binary(bytes))
    }
  }
}
