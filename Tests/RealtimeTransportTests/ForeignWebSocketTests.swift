// A WebSocket library that others wrote talks to our server.

import Foundation
import RealtimeProtocol
import Testing

@testable import RealtimeTransport

@Suite(.timeLimit(.minutes(2))) struct ForeignWebSocketTests {
  private static let python = ProcessInfo.processInfo.environment["ARCHIVE_TEST_PYTHON"]
  private static let packages = ProcessInfo.processInfo.environment["ARCHIVE_TEST_WEBSOCKETS_PATH"]

  private struct Saw: Decodable, Equatable {
    struct Echoes: Decodable, Equatable {
      var opened = true
      var count = 6
      var compressed: Bool
    }

    let plain: Echoes
    let deflated: Echoes
    let tooLarge: Int
    let farewell: Int
    let refused: Int
  }

  @Test(
    "the Python library websockets talks to the server, compressed and not, and is closed orderly",
    .enabled(
      if: python != nil && packages != nil,
      "websockets is not here: ./dev test gets it and sets ARCHIVE_TEST_WEBSOCKETS_PATH"))
  func talks() async throws {
    try await RunningServer.run(layer: .echo) { settings in
      settings.path = "/engine.io/"
    } _: { server in
      let saw = try JSONDecoder().decode(Saw.self, from: try await Self.run(port: server.port))
      #expect(
        saw
          == Saw(
            plain: .init(compressed: false), deflated: .init(compressed: true), tooLarge: 1009,
            farewell: 1000, refused: 400))
    }
  }

  private static func run(port: Int) async throws -> Data {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ForeignClients/websockets_talk.py")
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = ["-B", script.path]
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.lowercased().hasSuffix("_proxy") }
      .merging(["PYTHONPATH": try #require(packages)]) { $1 }
    (process.standardInput, process.standardOutput) = (input, output)
    let (ends, end) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = {
      end.yield($0.terminationStatus)
      end.finish()
    }
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(#"{"port":\#(port)}"#.utf8))
    try input.fileHandleForWriting.close()
    var status: Int32 = -1
    for await code in ends { status = code }
    try #require(status == 0, "websockets_talk.py failed; its reason is above")
    // A few hundred bytes, which the pipe holds.
    return try output.fileHandleForReading.readToEnd() ?? Data()
  }
}
