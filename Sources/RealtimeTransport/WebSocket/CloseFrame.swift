// What the payload of a close frame may be: RFC 6455, sections 5.5.1 and 7.4.

/// Reads and writes the payload of close frames.
enum CloseFrame {
  /// The code that the client gives; `nil` where it gives none.
  static func code(_ payload: [UInt8]) throws(WebSocketFailure) -> UInt16? {
    if payload.isEmpty { return nil }
    guard payload.count >= 2 else { throw .protocolError("half a close code") }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    guard isAllowed(code) else { throw .protocolError("a close code that nobody may send") }
    try FrameReader.requireUTF8(Array(payload[2...]))
    return code
  }

  /// 1004 to 1006 and 1015 are never sent; below 1000 nothing is defined; from 3000 on everybody defines their own.
  private static func isAllowed(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  /// At most 123 bytes of `text`, cut where a character ends.
  static func payload(code: UInt16, text: String) -> [UInt8] {
    var payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
    for scalar in text.unicodeScalars {
      let encoded = Array(String(scalar).utf8)
      guard payload.count + encoded.count <= 125 else { break }
      payload += encoded
    }
    return payload
  }
}
