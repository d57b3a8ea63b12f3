// The whole server and python-socketio: signing in, talking on many devices, coming back, being sent away.

import Foundation
import Testing

@Suite(
  "python-socketio and the server", .timeLimit(.minutes(3)),
  .enabled(if: SocketIOProgram.isThere, SocketIOProgram.wanted))
struct SocketIOChatTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  // MARK: Talking

  private struct Device: Codable {
    let token: String
    let transports: [String]
    let says: [String]
  }

  private struct Chat: Encodable {
    let url: String
    let conversationId: String
    let devices: [Device]
    let expected: Int
  }

  private struct Heard: Decodable {
    let transport: String
    let missed: [Int]
    let acknowledged: [Said]
    let heard: [Said]
  }

  @Test("A1 A3 D1 D3 every device of everybody hears everything once, in order, over any transport")
  func manyDevices() async throws {
    let server = try await RunningServer(scratch)
    let (ada, bert, conversation) = try await HTTPTalk.pair(at: server.url)
    _ = try await ada.say(2, in: conversation)
    let before = try await said(ada, conversation)
    let devices = SocketIOProgram.transports.flatMap { transports in
      [ada, bert, ada, bert].enumerated().map { number, talk in
        Device(
          token: talk.token ?? "", transports: transports,
          says: (1...3).map { "\(transports) \(number): \($0) 🚀" })
      }
    }
    let expected = devices.count * 3
    let all = try await SocketIOProgram("socketio_chat").run(
      Chat(
        url: server.url, conversationId: conversation, devices: devices, expected: expected),
      in: scratch, answer: [Heard].self)
    let truth = try await said(ada, conversation).suffix(expected)
    #expect(Set(truth.map(\.text)) == Set(devices.flatMap(\.says)))
    for (device, seen) in zip(devices, all) {
      #expect(seen.transport == device.transports.last)
      #expect(seen.missed == before.map(\.seq))
      #expect(seen.acknowledged.map(\.text) == device.says)
      #expect(seen.heard.map(\.seq) == seen.heard.map(\.seq).sorted())
      // Own sends come as acknowledgements, and as nothing else.
      #expect((seen.heard + seen.acknowledged).sorted { $0.seq < $1.seq } == Array(truth))
    }
    #expect(await server.stop() == 0)
  }

  // MARK: Coming back

  private struct Return: Encodable {
    let url: String
    let token: String
    let conversationId: String
    let transports: [String]
    let live: String
    let expected: Int
  }

  private struct Returned: Decodable {
    let connections: [String]
    let heard: [Said]
  }

  @Test(
    "D3 A3 a device that reconnects by itself after the server was killed has everything once",
    arguments: SocketIOProgram.transports)
  func reconnection(_ transports: [String]) async throws {
    let server = try await RunningServer(scratch)
    let (ada, bert, conversation) = try await HTTPTalk.pair(at: server.url)
    _ = try await ada.say(3, in: conversation)
    let order = Return(
      url: server.url, token: bert.token ?? "", conversationId: conversation,
      transports: transports, live: scratch.path + "/live", expected: 9)
    async let returned = SocketIOProgram("socketio_return").run(
      order, in: scratch, answer: Returned.self)
    try await scratch.wait(for: "live")
    _ = try await ada.say(3, in: conversation)
    #expect(await server.stop(SIGKILL) == 128 + SIGKILL)
    let port = try #require(URL(string: server.url)?.port)
    let again = try await RunningServer(scratch, port: port)
    _ = try await ada.say(3, in: conversation)
    let seen = try await returned
    #expect(seen.connections.count >= 2)
    let truth = try await said(ada, conversation)
    #expect(seen.heard == truth)
    #expect(await again.stop() == 0)
  }

  // MARK: Doors

  private struct Knock: Decodable {
    let isIn: Bool
    let refusal: [String]
  }

  private struct Knocking: Encodable {
    let url: String
    let auths: [[String: String]?]
  }

  @Test("D2 only a good access token opens a socket, and the refusal says why")
  func doors() async throws {
    let server = try await RunningServer(scratch)
    let (ada, _, _) = try await HTTPTalk.pair(at: server.url)
    let good = try #require(ada.token)
    let auths = [["token": good], ["token": good + "x"], ["token": ""], [:], nil]
    let knocks = try await SocketIOProgram("socketio_doors").run(
      Knocking(url: server.url, auths: auths), in: scratch, answer: [Knock].self)
    // Each over two transports.
    #expect(knocks.map(\.isIn) == [true, true] + Array(repeating: false, count: 8))
    for knock in knocks.dropFirst(2) {
      #expect(knock.refusal.count == 1 && !knock.refusal.joined().isEmpty)
      #expect(!knock.refusal.joined().contains(good))
    }
    #expect(await server.stop() == 0)
  }

  private struct Stay: Encodable {
    let url: String
    let token: String
    let transports: [String]
    let live: String
  }

  private struct Farewell: Decodable {
    let ended: [String]
    let disconnects: Int
    let connections: Int
  }

  @Test(
    "D2 C4 a socket of a session that is ended is told so and stays away",
    arguments: SocketIOProgram.transports)
  func sessionEnd(_ transports: [String]) async throws {
    let server = try await RunningServer(scratch)
    let (ada, _, _) = try await HTTPTalk.pair(at: server.url)
    let order = Stay(
      url: server.url, token: ada.token ?? "", transports: transports,
      live: scratch.path + "/live")
    async let farewell = SocketIOProgram("socketio_farewell").run(
      order, in: scratch, answer: Farewell.self)
    try await scratch.wait(for: "live")
    #expect(try await ada.ask("POST", "/api/auth/logout").status == 204)
    let seen = try await farewell
    #expect(seen.ended == ["ended"] && seen.disconnects == 1 && seen.connections == 1)
    #expect(await server.stop() == 0)
  }

  // MARK: What is true

  private func said(_ talk: HTTPTalk, _ conversation: String) async throws -> [Said] {
    let (_, json) = try await talk.ask(
      "GET", "/api/conversations/\(conversation)/messages?after=0&limit=200")
    let items = json["items"] as? [[String: any Sendable]] ?? []
    return try items.map { item in
      Said(
        seq: try #require((item["seq"] as? NSNumber)?.intValue), text: item["text"] as? String)
    }
  }
}

/// A seq and a text, as `[seq, text]`.
struct Said: Decodable, Equatable {
  let seq: Int
  let text: String?

  init(seq: Int, text: String?) { (self.seq, self.text) = (seq, text) }

  init(from decoder: any Decoder) throws {
    var array = try decoder.unkeyedContainer()
    seq = try array.decode(Int.self)
    text = try array.decodeIfPresent(String.self)
  }
}

extension HTTPTalk {
  /// Two people who sign up, and a conversation of theirs.
  static func pair(at url: String) async throws
    -> (ada: HTTPTalk, bert: HTTPTalk, conversation: String)
  {
    var (ada, bert) = (HTTPTalk(url: url), HTTPTalk(url: url))
    _ = try await ada.signUp("ada")
    let other = try await bert.signUp("bert")
    let (status, json) = try await ada.ask(
      "POST", "/api/conversations", #"{"kind":"direct","members":["\#(other)"]}"#)
    #expect(status == 201)
    return (ada, bert, json["id"] as? String ?? "")
  }
}

extension ScratchDirectory {
  /// Returns when a program has made the file.
  func wait(for name: String) async throws {
    for _ in 0..<3000 {
      if FileManager.default.fileExists(atPath: path + "/" + name) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("\(name) does not come")
  }
}
