// The contract of the object port, on real S3 servers.

import ArchiveCore
import ArchiveTesting
import S3Client
import S3Store
import S3Testing
import Testing

@Suite("objects in a bucket", .timeLimit(.minutes(20)))
struct S3StoreContractTests {
  @Test(
    "A4 a bucket of the first server keeps the contract",
    .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)),
    arguments: ObjectStoreContract.checks)
  func firstServer(check: ObjectStoreCheck) async throws {
    try await keepsContract(try #require(TestS3Server.first), check)
  }

  @Test(
    "A4 a bucket of the second server keeps the contract",
    .enabled(if: TestS3Server.second != nil, Comment(rawValue: TestS3Server.wantedSecond)),
    arguments: ObjectStoreContract.checks)
  func secondServer(check: ObjectStoreCheck) async throws {
    try await keepsContract(try #require(TestS3Server.second), check)
  }

  @Test(
    "A4 a bucket whose server is never asked to decide keeps the contract",
    .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)),
    arguments: ObjectStoreContract.checks)
  func withoutConditions(check: ObjectStoreCheck) async throws {
    try await keepsContract(try #require(TestS3Server.first), check, .unsupported)
  }

  private func keepsContract(
    _ server: TestS3Server, _ check: ObjectStoreCheck, _ writes: ConditionalWrites = .probe
  ) async throws {
    try await server.withPlace(ownBucket: true) { place in
      try await check.check(try place.store(conditionalWrites: writes))
      let names = try await place.names()
      #expect(names.allSatisfy { ObjectKey($0) != nil }, "a scratch object is left over")
      #expect(try await place.bucket.listUploads().isEmpty, "an upload is left over")
    }
  }
}
