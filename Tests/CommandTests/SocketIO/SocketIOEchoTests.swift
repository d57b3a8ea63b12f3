// What python-socketio sends to our protocols and transports, and what it gets back.

import Foundation
import Testing

/// On the host of the official test suites, where no chat is in the way.
@Suite(
  "python-socketio and an echo", .timeLimit(.minutes(3)),
  .enabled(if: SocketIOProgram.isThere, SocketIOProgram.wanted))
struct SocketIOEchoTests {
  private struct Order: Encodable {
    let url: String
    let namespace: String
    let transports: [String]
    let clients: Int
    let seconds: Double
  }

  private struct Talk: Decodable {
    let transport: String
    let auths: [String]
    let pairs: [[String]]
    let wasLost: Bool
  }

  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test(
    "D1 D3 texts and bytes come back as events and as acknowledgements, heartbeats go on, several at once",
    arguments: SocketIOProgram.transports, ["/", "/custom"])
  func echo(_ transports: [String], _ namespace: String) async throws {
    try await talk("socketio_echo", transports, namespace, pairs: 20)
  }

  @Test(
    "D1 D3 the library's client with threads gets its texts and bytes back as well",
    arguments: SocketIOProgram.transports)
  func threads(_ transports: [String]) async throws {
    try await talk("socketio_threads", transports, "/", pairs: 6)
  }

  private func talk(
    _ program: String, _ transports: [String], _ namespace: String, pairs: Int
  ) async throws {
    let host = try await RunningServer.conformance(pingTimeout: 20_000)
    let order = Order(
      url: host.url, namespace: namespace, transports: transports, clients: 4, seconds: 1)
    let talks = try await SocketIOProgram(program).run(order, in: scratch, answer: [Talk].self)
    #expect(talks.count == 4)
    for (number, talk) in talks.enumerated() {
      // Whoever may upgrade has done it.
      #expect(talk.transport == transports.last)
      #expect(talk.auths == [#"{"number": \#(number)}"#])
      #expect(talk.pairs.count == pairs && !talk.wasLost)
      for pair in talk.pairs { #expect(pair.count == 2 && pair.first == pair.last) }
    }
    #expect(await host.stop() == 0)
  }
}

extension RunningServer {
  /// The host of the official test suites, on a free port.
  static func conformance(pingTimeout milliseconds: Int) async throws -> RunningServer {
    let process = Process()
    process.executableURL = BuiltProgram.url.deletingLastPathComponent()
      .appending(path: "archive-conformance")
    process.arguments = ["--port", "0", "--ping-timeout", "\(milliseconds)"]
    return try await RunningServer(starting: process)
  }
}
