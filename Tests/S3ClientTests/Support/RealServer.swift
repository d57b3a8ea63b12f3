// The real S3 servers that the environment names, with a bucket for each test.

import CurlHTTP
import Logging
import S3Testing
import Testing

@testable import S3Client

/// One running server with a key pair that may create buckets.
struct RealServer: Sendable, CustomTestStringConvertible {
  let name: String
  let settings: S3Settings

  var endpoint: S3Endpoint { settings.endpoint }
  var credentials: S3Credentials { settings.credentials }
  var testDescription: String { "\(name) \(endpoint)" }

  static let skipped = Comment(rawValue: TestS3Server.wanted)

  static let all = TestS3Server.all.compactMap(RealServer.init)
  static let overTLS = [TestS3Server.overTLS].compactMap(\.self).compactMap(RealServer.init)

  private init?(_ server: TestS3Server) {
    guard let settings = try? server.settings() else { return nil }
    (name, self.settings) = (server.description, settings)
  }

  /// For URLs that the test fetches by itself.
  var http: CurlSettings { settings.http }

  func client(
    _ settings: S3Settings? = nil, surroundings: S3Surroundings = .live
  ) throws -> S3Client {
    try S3Client(
      settings: settings ?? self.settings, surroundings: surroundings, logger: Logger(label: "test")
    )
  }

  /// Runs the body with a client and a bucket of its own, and removes the bucket with all that is in it.
  func withBucket(
    _ settings: S3Settings? = nil, surroundings: S3Surroundings = .live,
    _ body: (S3Bucket) async throws -> Void
  ) async throws {
    let name = "test-\(UInt64.random(in: 0 ... .max))"
    let owner = try client()
    let cleaner = try owner.bucket(name)
    try await cleaner.create()
    let client = try client(settings, surroundings: surroundings)
    let result: Result<Void, any Error>
    do {
      try await body(try client.bucket(name))
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await client.close()
    try await remove(cleaner)
    await owner.close()
    try result.get()
  }

  private func remove(_ bucket: S3Bucket) async throws {
    for upload in try await bucket.listUploads() {
      try await bucket.abortUpload(S3Upload(key: upload.key, id: upload.uploadID))
    }
    var keys: [String] = []
    for try await object in bucket.list() { keys.append(object.key) }
    let failures = try await bucket.delete(keys)
    #expect(failures.isEmpty)
    try await bucket.deleteBucket()
  }
}

/// The kind of error that an operation ends with; `nil` for a success.
func kind<Value>(_ operation: () async throws(S3Error) -> Value) async -> S3Error.Kind? {
  do throws(S3Error) {
    _ = try await operation()
    return nil
  } catch {
    return error.kind
  }
}

/// Bytes that differ from place to place, so that a shifted range is seen; other ones for another seed.
func patternedBytes(_ count: Int, seed: Int = 0) -> [UInt8] {
  // A block of a prime length, repeated: quick also without optimisation, and no boundary of parts repeats.
  let block = (0..<4093).map { UInt8(truncatingIfNeeded: ($0 + seed) &* 31 ^ ($0 >> 8)) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + block.count)
  while bytes.count < count { bytes += block }
  bytes.removeLast(bytes.count - count)
  return bytes
}
