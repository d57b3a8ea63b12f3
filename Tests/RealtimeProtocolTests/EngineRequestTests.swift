// Which requests are served, and how the others are refused.

import Testing

@testable import RealtimeProtocol

@Suite("requests to the path of Engine.IO")
struct EngineRequestTests {
  private func read(_ method: String, _ query: String, webSocket: Bool = false)
    -> Result<EngineRequest, EngineRefusal>
  {
    do {
      return .success(
        try EngineRequest(method: method, query: query, wantsWebSocket: webSocket))
    } catch {
      return .failure(error)
    }
  }

  @Test("each kind of request is recognised")
  func kinds() {
    #expect(read("GET", "EIO=4&transport=polling") == .success(.handshake(.polling)))
    #expect(read("GET", "EIO=4&transport=polling&t=x1&sid=") == .success(.handshake(.polling)))
    #expect(
      read("GET", "t=1&transport=websocket&EIO=4", webSocket: true)
        == .success(.handshake(.websocket)))
    #expect(read("GET", "EIO=4&transport=polling&sid=ab-_1") == .success(.poll(session: "ab-_1")))
    #expect(read("POST", "EIO=4&transport=polling&sid=a") == .success(.push(session: "a")))
    #expect(
      read("GET", "EIO=4&transport=websocket&sid=a", webSocket: true)
        == .success(.probe(session: "a")))
    #expect(read("GET", "EIO=4&transport=polling&x&=&&y==1") == .success(.handshake(.polling)))
  }

  static let refused: [(String, String, EngineRefusal)] = [
    ("GET", "transport=polling", .unsupportedVersion),
    ("GET", "EIO=abc&transport=polling", .unsupportedVersion),
    ("GET", "EIO=3&transport=polling", .unsupportedVersion),
    ("GET", "EIO=&transport=polling", .unsupportedVersion),
    ("GET", "EIO=44&transport=polling", .unsupportedVersion),
    ("GET", "EIO=%34&transport=polling", .unsupportedVersion),
    ("GET", "EIO=3&transport=polling&sid=a", .unsupportedVersion),
    ("GET", "", .unknownTransport), ("GET", "EIO=4", .unknownTransport),
    ("GET", "EIO=4&transport=abc", .unknownTransport),
    ("GET", "EIO=4&transport=", .unknownTransport), ("GET", "EIO=4&transport", .unknownTransport),
    ("GET", "EIO=4&transport=webtransport", .unknownTransport),
    ("GET", "EIO=4&transport=constructor", .unknownTransport),
    ("GET", "EIO=4&TRANSPORT=polling", .unknownTransport),
    ("POST", "EIO=4&transport=polling", .badHandshakeMethod),
    ("PUT", "EIO=4&transport=polling", .badHandshakeMethod),
    ("get", "EIO=4&transport=polling", .badHandshakeMethod),
    ("PUT", "EIO=4&transport=polling&sid=a", .badRequest),
    ("GET", "EIO=4&transport=websocket", .badRequest),
    ("POST", "EIO=4&transport=websocket&sid=a", .badRequest),
    ("GET", "EIO=4&EIO=4&transport=polling", .badRequest),
    ("GET", "EIO=4&transport=polling&transport=websocket", .badRequest),
    ("GET", "EIO=4&transport=polling&sid=a&sid=b", .badRequest),
  ]

  @Test("E01 E02 what is missing, wrong or there twice is refused", arguments: refused)
  func refusals(method: String, query: String, expected: EngineRefusal) {
    #expect(read(method, query) == .failure(expected))
    #expect(expected.status == 400)
  }

  @Test("E02 an identifier longer than any of ours belongs to no session")
  func longSession() {
    let sid = String(repeating: "a", count: 65)
    #expect(read("GET", "EIO=4&transport=polling&sid=\(sid)") == .failure(.unknownSession))
  }

  @Test("a WebSocket that asks to poll is refused")
  func mismatch() {
    #expect(read("GET", "EIO=4&transport=polling", webSocket: true) == .failure(.badRequest))
    #expect(read("GET", "EIO=4&transport=polling&sid=a", webSocket: true) == .failure(.badRequest))
  }

  @Test("a refusal has the code and the words of the reference")
  func body() {
    #expect(
      text(EngineRefusal.unknownSession.body) == #"{"code":1,"message":"Session ID unknown"}"#)
    let forbidden = EngineRefusal.forbidden("origin not allowed")
    #expect(forbidden.status == 403)
    #expect(text(forbidden.body) == #"{"code":4,"message":"origin not allowed"}"#)
    #expect(
      text(EngineRefusal.ended(.slowReader).body)
        == #"{"code":1,"message":"Session ID unknown: slow reader"}"#)
  }
}
