// The object store of a test's server: memory, or a bucket of a real server.

import ArchiveCore
import ArchiveTesting
import S3Client
import S3Store
import S3Testing

/// One for each test; with `ARCHIVE_TEST_ENGINE=s3` a prefix of its own in the tests' bucket.
struct TestObjects: Sendable {
  let store: any ObjectStore
  /// Deletes everything in it.
  let discard: @Sendable () async throws -> Void

  static func make() async throws -> TestObjects {
    guard let server = TestS3Server.engine else {
      return TestObjects(store: InMemoryObjectStore()) {}
    }
    let bucket = try await shared(server)
    let prefix = TestS3Server.newPrefix()
    let store = try S3ObjectStore(
      bucket: bucket, prefix: prefix, surroundings: liveSurroundings, logger: TestS3Server.silent)
    return TestObjects(store: store) { try await bucket.removeAll(prefix: prefix) }
  }

  /// One client for all tests, so that they cost the server no more than their objects.
  private static func shared(_ server: TestS3Server) async throws -> S3Bucket {
    try await bucket.value(server)
  }

  private static let bucket = SharedBucket()
}

/// The tests' bucket, made by the first who asks.
private actor SharedBucket {
  private var making: Task<S3Bucket, any Error>?

  func value(_ server: TestS3Server) async throws -> S3Bucket {
    let making =
      self.making
      ?? Task {
        let bucket = try server.client().bucket(TestPlace.sharedBucket)
        try await bucket.create()
        return bucket
      }
    self.making = making
    return try await making.value
  }
}
