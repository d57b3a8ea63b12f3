// Places of their own on a real server, for one test each.

public import ArchiveCore
import Foundation
public import Logging
public import S3Client
public import S3Store

/// The real world, for stores that are tried on real servers.
public let liveSurroundings: Surroundings = {
  let live = S3Surroundings.live
  let clock = ContinuousClock()
  let start = clock.now
  return Surroundings(
    now: { Timestamp(milliseconds: live.now().milliseconds) },
    uptime: { start.duration(to: clock.now) }, sleep: live.sleep, random: live.random)
}()

/// A bucket that tests share, with a prefix of the test's own; or a bucket of its own.
public struct TestPlace: Sendable {
  public let server: TestS3Server
  public let client: S3Client
  public let bucket: S3Bucket
  public let prefix: String

  /// Tests that need no bucket of their own share this one.
  public static let sharedBucket = "archive-tests"

  /// A store there.
  public func store(
    prefix other: String? = nil, partBytes: Int = 8 << 20,
    conditionalWrites: ConditionalWrites = .probe, logger: Logger = TestS3Server.silent
  ) throws -> S3ObjectStore {
    try S3ObjectStore(
      bucket: bucket, prefix: other ?? prefix, partBytes: partBytes,
      conditionalWrites: conditionalWrites, surroundings: liveSurroundings, logger: logger)
  }

  /// Everything that lies in it, scratch objects included.
  public func names() async throws -> [String] {
    var names: [String] = []
    for try await object in bucket.list(prefix: prefix) { names.append(object.key) }
    return names
  }
}

extension TestS3Server {
  /// A prefix that nobody used before.
  public static func newPrefix() -> String { "t/\(liveSurroundings.newID())/" }

  /// Gives the body a place of its own and deletes it afterwards, with everything in it.
  ///
  /// - Parameters:
  ///   - ownBucket: a bucket without a prefix, for what needs whole keys.
  ///   - endpoint: of something before the server, such as a faulty proxy.
  public func withPlace<Value>(
    ownBucket: Bool = false, through endpoint: String? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ change: (inout S3Settings) -> Void = { _ in },
    _ body: (TestPlace) async throws -> Value
  ) async throws -> Value {
    let client = try client(through: endpoint, change)
    let direct = try self.client()
    let name =
      ownBucket ? "archive-test-\(liveSurroundings.newID())".lowercased() : TestPlace.sharedBucket
    let prefix = ownBucket ? "" : Self.newPrefix()
    let place = TestPlace(
      server: self, client: client, bucket: try client.bucket(name), prefix: prefix)
    let directBucket = try direct.bucket(name)
    try await directBucket.create()
    let result: Result<Value, any Error>
    do { result = .success(try await body(place)) } catch { result = .failure(error) }
    try await directBucket.removeAll(prefix: prefix)
    if ownBucket { try await directBucket.deleteBucket() }
    await client.close()
    await direct.close()
    return try result.get()
  }
}

extension S3Bucket {
  /// Deletes every object whose name begins with the prefix.
  public func removeAll(prefix: String) async throws {
    while true {
      let page = try await listPage(prefix: prefix)
      guard !page.objects.isEmpty else { return }
      _ = try await delete(page.objects.map(\.key))
    }
  }
}
