// python-socketio, which others wrote, run as programs of their own.

import Foundation
import Testing

/// One of the scripts `Tests/ForeignClients/socketio_….py`; JSON goes in, JSON comes out.
struct SocketIOProgram {
  /// Where Python and python-socketio lie; `./dev test` says so.
  static let python = ProcessInfo.processInfo.environment["ARCHIVE_TEST_PYTHON"]
  static let packages = ProcessInfo.processInfo.environment["ARCHIVE_TEST_SOCKETIO_PATH"]
  static var isThere: Bool { python != nil && packages != nil }
  static let wanted: Comment =
    "python-socketio is not here: ./dev test gets it and sets ARCHIVE_TEST_SOCKETIO_PATH"

  /// The ways in which the library is told to connect.
  static let transports = [["polling"], ["websocket"], ["polling", "websocket"]]

  let name: String

  /// A PEM file of the certificates that the program trusts; without one, those of the system.
  private let authorities: String?
  private let packages: String?

  /// - Parameter packages: where its libraries lie.
  init(_ name: String, trusting authorities: String? = nil, packages: String? = Self.packages) {
    (self.name, self.authorities, self.packages) = (name, authorities, packages)
  }

  func run<Answer: Decodable>(
    _ order: some Encodable, in scratch: ScratchDirectory, answer: Answer.Type
  ) async throws -> Answer {
    let input = try scratch.file("order-" + UUID().uuidString, "")
    let output = try scratch.file("answer-" + UUID().uuidString, "")
    // Files in place of pipes: a pipe that nobody empties would stop the program.
    try JSONEncoder().encode(order).write(to: URL(filePath: input))
    let process = try process()
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    let end = ProcessEnd()
    process.terminationHandler = { end.note($0) }
    try process.run()
    let status = await end.status
    try #require(status == 0, "\(name).py failed; its reason is above")
    return try JSONDecoder().decode(Answer.self, from: Data(contentsOf: URL(filePath: output)))
  }

  private func process() throws -> Process {
    let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ForeignClients")
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = ["-B", scripts.appending(path: name + ".py").path]
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.lowercased().hasSuffix("_proxy") }
      .merging(["PYTHONPATH": try #require(packages)]) { $1 }
    if let authorities {
      // Each of its libraries has a name of its own for this.
      for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE"] {
        process.environment?[name] = authorities
      }
    }
    return process
  }
}
