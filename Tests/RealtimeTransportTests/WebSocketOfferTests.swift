// Which requests may become a WebSocket.

import HTTPTypes
import NIOCore
import Testing

@testable import RealtimeTransport

@Suite struct WebSocketOfferTests {
  private static func request(_ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
    var request = HTTPRequest(
      method: .get, scheme: "http", authority: "server.example.com", path: "/chat",
      headerFields: [
        .upgrade: "websocket", .connection: "keep-alive, Upgrade",
        .secWebSocketKey: "dGhlIHNhbXBsZSBub25jZQ==", .secWebSocketVersion: "13",
      ])
    change(&request)
    return request
  }

  @Test("the example of RFC 6455 is answered as there")
  func example() throws {
    let offer = try #require(WebSocketOffer(Self.request(), allowsCompression: true))
    #expect(offer.acceptance == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(offer.compression == nil)
    #expect(
      String(buffer: offer.answer).hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
  }

  @Test("whatever is missing or wrong, it stays HTTP")
  func wrong() {
    let changes: [(inout HTTPRequest) -> Void] = [
      { $0.method = .post }, { $0.headerFields[.upgrade] = nil },
      { $0.headerFields[.upgrade] = "h2c" }, { $0.headerFields[.connection] = "keep-alive" },
      { $0.headerFields[.secWebSocketKey] = nil }, { $0.headerFields[.secWebSocketKey] = "abc" },
      { $0.headerFields[.secWebSocketKey] = "dGhlIHNhbXBsZQ==" },
      { $0.headerFields[.secWebSocketVersion] = "8" },
      { $0.headerFields[.secWebSocketVersion] = nil },
      { $0.headerFields[.contentLength] = "5" }, { $0.headerFields[.transferEncoding] = "chunked" },
    ]
    for change in changes {
      #expect(WebSocketOffer(Self.request(change), allowsCompression: true) == nil)
    }
    var twice = Self.request()
    twice.headerFields.append(HTTPField(name: .secWebSocketKey, value: "dGhlIHNhbXBsZSBub25jZQ=="))
    #expect(WebSocketOffer(twice, allowsCompression: true) == nil)
  }
}
