// What the store says has happened is looked for behind the proxy, where no fault is in the way.

import ArchiveCore
import ArchiveTesting
import S3Client
import S3Store
import S3Testing
import Testing

@Suite(
  "puts and deletions that are said to have happened", .timeLimit(.minutes(5)),
  .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)))
struct BelievedSuccessTests {
  /// Everything that a reply to a write, or a write, can suffer in little time.
  private static let faults: [ProxyFault] = [
    .answer(status: 403, code: "AccessDenied"), .answer(status: 500, code: "InternalError"),
    .errorIn200(), .redirect(to: "http://127.0.0.1:1"), .dropRequest, .cutRequest(fraction: 0.5),
    .cutRequest(fraction: 1), .corruptRequestByte, .loseReply, .cutBody(fraction: 0.5),
    .wrongLength(by: 7), .corruptByte, .compress,
  ]

  private let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

  @Test(
    "S02 S04 S05 after a put that returned the object is there, whatever the way did",
    arguments: faults, [PutMode.create, .replace])
  func puts(fault: ProxyFault, mode: PutMode) async throws {
    try await withStores { proxy, behind, direct async throws in
      let key = ObjectKey(trusted: "a/b")
      // The race that decides about conditions is not what is tested.
      try await behind.put(ObjectKey(trusted: "c"), .bytes([1]), mode: .create, type: "x")
      for times in [1, 100] {
        proxy.inject(fault, times: times) { $0.method == "PUT" }
        let kind = await thrown { () async throws(StoreError) in
          try await behind.put(key, .bytes(bytes), mode: mode, type: "x")
        }
        proxy.clearFaults()
        let found = try? await direct.get(key, range: nil).bytes(limitBytes: 1 << 20)
        if kind == nil { #expect(found == bytes, "\(fault), \(times) times") }
        // Never a part, never altered, whatever was thrown.
        #expect(found == nil || found == bytes)
        try await direct.delete(key)
      }
    }
  }

  @Test(
    "S04 after a deletion that returned the object is gone, whatever the way did",
    arguments: faults)
  func deletions(fault: ProxyFault) async throws {
    try await withStores { proxy, behind, direct async throws in
      let key = ObjectKey(trusted: "a/b")
      for times in [1, 100] {
        try await direct.put(key, .bytes(bytes), mode: .replace, type: "x")
        proxy.inject(fault, times: times) { $0.method == "DELETE" }
        let kind = await thrown { () async throws(StoreError) in try await behind.delete(key) }
        proxy.clearFaults()
        let isThere = try await direct.head(key) != nil
        #expect(kind != nil || !isThere, "\(fault), \(times) times")
      }
    }
  }

  /// A store behind a proxy, and one of the same objects without.
  private func withStores(
    _ body: (FaultyProxy, S3ObjectStore, S3ObjectStore) async throws -> Void
  ) async throws {
    let server = try #require(TestS3Server.first)
    try await server.withPlaceBehindProxy { proxy, place in
      let client = try server.client()
      let direct = try S3ObjectStore(
        bucket: try client.bucket(place.bucket.name), prefix: place.prefix,
        surroundings: liveSurroundings, logger: TestS3Server.silent)
      try await body(proxy, try place.store(), direct)
      await client.close()
    }
  }
}
