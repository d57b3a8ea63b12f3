// A bucket on a scripted server, with a clock that does not move by itself.

import Logging

@testable import S3Client

extension ScriptedServer {
  static let credentials = S3Credentials(
    accessKey: "AKIDEXAMPLE", secretKey: "test/secret+key/0000000000000000000=0001")

  /// Runs the body with the bucket `bucket` on a server that follows the script.
  static func withBucket(
    _ script: @escaping Script, clock: RecordingClock = RecordingClock(),
    change: (inout S3Settings) -> Void = { _ in },
    _ body: (S3Bucket, ScriptedServer) async throws -> Void
  ) async throws {
    try await run(script) { server in
      var settings = S3Settings(endpoint: try server.endpoint, credentials: credentials)
      change(&settings)
      let client = try S3Client(
        settings: settings, surroundings: clock.surroundings, logger: Logger(label: "test"))
      let result: Result<Void, any Error>
      do {
        try await body(try client.bucket("bucket"), server)
        result = .success(())
      } catch {
        result = .failure(error)
      }
      await client.close()
      try result.get()
    }
  }
}
