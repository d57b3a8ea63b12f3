// The objects of a test's archive, wherever the tests keep them.

import ArchiveCore
import EmbeddedStore
import Foundation
import S3Client
import S3Store
import S3Testing

/// The engine of one scratch directory: its folder `data/objects`, or with `ARCHIVE_TEST_ENGINE=s3` a prefix
/// of its own in the tests' bucket.
struct ArchivedObjects {
  let scratch: ScratchDirectory

  /// The keys of packs and segments, oldest first.
  func keys() async throws -> [ObjectKey] {
    try await withStore { store in
      try await store.list(prefix: "", after: nil, limit: 1000).map(\.key)
        .filter {
          $0.description.hasSuffix(".jsonl.gz") && !$0.description.hasPrefix("snapshots/")
        }
    }
  }

  /// The names of all objects, also of those that no list of the store shows.
  func everything() async throws -> [String] {
    guard let server = TestS3Server.engine else {
      return try await withStore { try await $0.list(prefix: "", after: nil, limit: 1000) }
        .map(\.key.description)
    }
    let client = try server.client()
    let page = try await client.bucket(TestPlace.sharedBucket).listPage(prefix: scratch.prefix)
    await client.close()
    return page.objects.map(\.key)
  }

  func bytes(_ key: ObjectKey) async throws -> [UInt8] {
    try await withStore { try await $0.get(key, range: nil).bytes(limitBytes: 1 << 20) }
  }

  /// Puts other bytes in an object's place.
  func replace(_ key: ObjectKey, _ bytes: [UInt8]) async throws {
    try await withStore {
      try await $0.put(key, .bytes(bytes), mode: .replace, type: "application/gzip")
    }
  }

  func delete(_ key: ObjectKey) async throws {
    try await withStore { try await $0.delete(key) }
  }

  private func withStore<Value>(_ body: (any ObjectStore) async throws -> Value) async throws
    -> Value
  {
    guard let server = TestS3Server.engine else {
      let store = try await DirectoryObjectStore(root: scratch.path + "/data/objects")
      let result = await Self.result { try await body(store) }
      await store.close()
      return try result.get()
    }
    let client = try server.client()
    let result = await Self.result {
      try await body(
        S3ObjectStore(
          bucket: client.bucket(TestPlace.sharedBucket), prefix: scratch.prefix,
          surroundings: liveSurroundings, logger: TestS3Server.silent))
    }
    await client.close()
    return try result.get()
  }

  private static func result<Value>(_ body: () async throws -> Value) async
    -> Result<Value, any Error>
  {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}

/// The bucket that the tests share, made once.
enum SharedBucket {
  /// Returns when the engine of the tests can be used.
  static func prepare() async throws {
    guard TestS3Server.engine != nil else { return }
    try await creation.value
  }

  private static let creation = Task {
    guard let server = TestS3Server.engine else { return }
    let client = try server.client()
    try await client.bucket(TestPlace.sharedBucket).create()
    await client.close()
  }
}
