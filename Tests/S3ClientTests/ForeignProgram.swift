// The clients that others wrote, run as programs of their own.

import Foundation
import S3Client
import Testing

/// One of the scripts in Tests/ForeignClients; JSON goes in, JSON comes out.
struct ForeignProgram {
  /// Where Python and the clients lie; `./dev test` says so.
  static let python = ProcessInfo.processInfo.environment["ARCHIVE_TEST_PYTHON"]
  static let packages = ProcessInfo.processInfo.environment["ARCHIVE_TEST_BOTO_PATH"]
  static var isThere: Bool { python != nil && packages != nil && !RealServer.all.isEmpty }

  let name: String

  init(_ name: String) { self.name = name }

  func run<Answer: Decodable>(
    _ order: some Encodable, at server: RealServer, answer: Answer.Type
  ) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foreign-client-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files in place of pipes: a pipe that nobody empties would stop the program.
    let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
    try JSONEncoder().encode(order).write(to: input)
    try Data().write(to: output)
    let process = try process(at: server)
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    let status = try await end(of: process)
    try #require(status == 0, "\(name).py failed; its reason is above")
    return try JSONDecoder().decode(Answer.self, from: Data(contentsOf: output))
  }

  private func process(at server: RealServer) throws -> Process {
    let scripts = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ForeignClients")
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = ["-B", scripts.appending(path: name + ".py").path]
    process.environment = ProcessInfo.processInfo.environment
      // Settings for other servers, profiles and proxies of whoever runs the tests are not for these.
      .filter { !$0.key.hasPrefix("AWS_") && !$0.key.lowercased().hasSuffix("_proxy") }
      .merging([
        "PYTHONPATH": try #require(Self.packages), "AWS_ENDPOINT_URL": server.endpoint.description,
        "AWS_ACCESS_KEY_ID": server.credentials.accessKey,
        "AWS_SECRET_ACCESS_KEY": server.credentials.secretKey,
        "AWS_DEFAULT_REGION": server.settings.region, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
      ]) { $1 }
    return process
  }

  private func end(of process: Process) async throws -> Int32 {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { ended in
      continuation.yield(ended.terminationStatus)
      continuation.finish()
    }
    try process.run()
    for await status in stream { return status }
    return -1
  }
}
