// What a client asks for when it wants a WebSocket: RFC 6455, section 4.2.

import Crypto
import Encodings
import HTTPTypes
import NIOCore
import RealtimeProtocol

/// A request for a WebSocket that may be granted.
struct WebSocketOffer: Equatable {
  /// What proves to the client that it was understood.
  let acceptance: String
  /// Whether messages may be compressed, both ways and without memory between them.
  let compression: CompressionOffer?

  /// Whether a request asks for a WebSocket at all.
  static func isWanted(_ fields: HTTPFields) -> Bool {
    fields.tokens(.upgrade).contains("websocket") && fields.tokens(.connection).contains("upgrade")
  }

  /// `nil` where anything is not as it has to be.
  init?(_ request: HTTPRequest, allowsCompression: Bool) {
    let fields = request.headerFields
    let keys = fields[values: .secWebSocketKey]
    guard request.method == .get, Self.isWanted(fields),
      fields[values: .secWebSocketVersion] == ["13"], keys.count == 1,
      let nonce = Base64.standard.bytes(Array(keys[0].utf8)[...]), nonce.count == 16,
      (fields[.contentLength] ?? "0") == "0", fields[.transferEncoding] == nil
    else { return nil }
    acceptance = Self.acceptance(key: keys[0])
    compression =
      allowsCompression ? CompressionOffer.first(in: fields[values: .secWebSocketExtensions]) : nil
  }

  /// Section 1.3: the key and a fixed text, hashed. No secret; only proof that the server speaks WebSocket.
  static func acceptance(key: String) -> String {
    let digest = Insecure.SHA1.hash(
      data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    var text: [UInt8] = []
    Base64.standard.append(Array(digest), to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The head of the answer that makes the connection a WebSocket.
  var answer: ByteBuffer {
    var head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Accept: \(acceptance)\r\n"
    if let compression { head += "Sec-WebSocket-Extensions: \(compression.answer)\r\n" }
    return ByteBuffer(string: head + "\r\n")
  }
}

extension HTTPFields {
  /// The words of a field that is a list, in lower case.
  func tokens(_ name: HTTPField.Name) -> [String] {
    self[values: name].flatMap { $0.split(separator: ",") }.map(\.trimmed).map { $0.lowercased() }
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  var trimmed: Substring {
    var text = self
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return text
  }
}
