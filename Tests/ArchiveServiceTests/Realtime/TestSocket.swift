// A Socket.IO client over long-polling, as plain as can be.

import Foundation
import Testing

/// One signed-in socket. It polls only while somebody waits for something.
actor TestSocket {
  /// A handshake that was refused, and what was said.
  struct Refused: Error { let message: JSONNode }
  struct Gone: Error { let status: Int }

  private let server: TestServer
  private let session: String
  private(set) var events: [(name: String, data: JSONNode)] = []
  private var answers: [Int: JSONNode] = [:]
  private var lastRequest = 0
  private(set) var isEnded = false

  private init(_ server: TestServer, _ session: String) {
    (self.server, self.session) = (server, session)
  }

  private static let path = "/socket.io/?EIO=4&transport=polling"

  static func open(_ server: TestServer, token: String?, headers: [String] = []) async throws
    -> TestSocket
  {
    let reply = try await server.send("GET", path, headers: headers)
    guard reply.status == 200 else { throw Gone(status: reply.status) }
    let text = String(decoding: reply.body, as: UTF8.self)
    let open = try JSONDecoder().decode(JSONNode.self, from: Data(text.dropFirst().utf8))
    let socket = TestSocket(server, try #require(open["sid"]?.text))
    let auth = token.map { #"{"token":"\#($0)"}"# } ?? ""
    try await socket.post("40" + auth)
    try await socket.connected()
    return socket
  }

  private var isConnected = false
  private var refusal: JSONNode?

  private func connected() async throws {
    while !isConnected {
      if let refusal { throw Refused(message: refusal) }
      try await poll()
    }
  }

  private func post(_ text: String) async throws {
    let reply = try await server.send(
      "POST", Self.path + "&sid=\(session)", json: text, headers: ["Content-Type: text/plain"])
    guard reply.status == 200 else { throw Gone(status: reply.status) }
  }

  private func poll() async throws {
    let reply = try await server.send("GET", Self.path + "&sid=\(session)")
    guard reply.status == 200 else {
      isEnded = true
      throw Gone(status: reply.status)
    }
    for packet in String(decoding: reply.body, as: UTF8.self).split(separator: "\u{1E}") {
      try await take(packet)
    }
  }

  private func take(_ packet: Substring) async throws {
    let body = packet.dropFirst(2)
    switch packet.prefix(2) {
    case "2": try await post("3")
    case "40": isConnected = true
    case "41", "1": isEnded = true
    case "44": refusal = try Self.json(body)
    case "42":
      let arguments = try Self.json(body)
      events.append((arguments[0]?.text ?? "", arguments[1] ?? .null))
    case "43":
      let id = body.prefix { $0.isNumber }
      answers[Int(id) ?? -1] = try Self.json(body.dropFirst(id.count))[0]
    default: if packet == "1" { isEnded = true }
    }
  }

  private static func json(_ text: Substring) throws -> JSONNode {
    try JSONDecoder().decode(JSONNode.self, from: Data(text.utf8))
  }

  /// Sends an event and returns its acknowledgement.
  @discardableResult
  func ask(_ name: String, _ json: String = "{}") async throws -> JSONNode {
    lastRequest += 1
    let request = lastRequest
    try await post(#"42\#(request)["\#(name)",\#(json)]"#)
    while answers[request] == nil, !isEnded { try await poll() }
    return try #require(answers[request], "no answer to \(name)")
  }

  /// The same where the answer has to be `ok`.
  @discardableResult
  func done(
    _ name: String, _ json: String = "{}", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSONNode {
    let answer = try await ask(name, json)
    try #require(
      answer["ok"] == .bool(true), "\(name): \(answer)", sourceLocation: sourceLocation)
    return answer
  }

  /// The data of the first so many events of that name, once they are there.
  func wait(for name: String, _ count: Int = 1) async throws -> [JSONNode] {
    while heard(name).count < count, !isEnded { try await poll() }
    return heard(name)
  }

  func heard(_ name: String) -> [JSONNode] { events.filter { $0.name == name }.map(\.data) }

  /// Reads until the server ends it.
  func waitForEnd() async throws {
    while !isEnded {
      do { try await poll() } catch is Gone { return }
    }
  }
}
