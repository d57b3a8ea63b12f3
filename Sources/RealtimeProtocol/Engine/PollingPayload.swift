// Several packets in the body of one request.

import Encodings

/// The packets of a body, one after another, without an array of them.
///
/// The time is linear in the length, and whoever stops reading pays for no more.
package struct PollingPayload: Sequence, IteratorProtocol {
  /// A part of the body that is no packet.
  package struct Malformed: Error, Equatable {}

  /// Behind the last separator there is always a packet, so an end is not to be mistaken for an empty packet.
  private var rest: ArraySlice<UInt8>?

  /// `nil` where the body is not UTF-8.
  package init?(_ body: [UInt8]) {
    // The validated copy is dropped at once: bodies are short, and slices of the body outlive it.
    guard String(validating: body, as: UTF8.self) != nil else { return nil }
    rest = body[...]
  }

  package mutating func next() -> Result<EnginePacket, Malformed>? {
    guard let rest else { return nil }
    let end = rest.firstIndex(of: ASCII.recordSeparator)
    self.rest = end.map { rest[($0 + 1)...] }
    guard let packet = EnginePacket(text: rest[..<(end ?? rest.endIndex)]) else {
      self.rest = nil
      return .failure(Malformed())
    }
    return .success(packet)
  }
}

extension PollingPayload {
  /// Frames as the body of an answer to a poll.
  package static func body(_ frames: some Sequence<EngineFrame>) -> [UInt8] {
    var body: [UInt8] = []
    var isFirst = true
    for frame in frames {
      if !isFirst { body.append(ASCII.recordSeparator) }
      isFirst = false
      switch frame {
      case .text(let text): body.append(contentsOf: text)
      case .binary(let bytes):
        body.append(UInt8(ascii: "b"))
        Base64.standard.append(bytes, to: &body)
      }
    }
    return body
  }
}
