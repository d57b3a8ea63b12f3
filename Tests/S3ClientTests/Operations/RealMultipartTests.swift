// Multipart uploads on real servers.

import Synchronization
import Testing

@testable import S3Client

@Suite("multipart on a real server", .enabled(if: !RealServer.all.isEmpty, RealServer.skipped))
struct RealMultipartTests {
  private struct Broken: Error {}

  private func small(_ server: RealServer) -> S3Settings {
    var settings = server.settings
    settings.partBytes = 5 << 20
    settings.streamLimitBytes = 1 << 30
    return settings
  }

  @Test("A4 an object of three parts is one object", arguments: RealServer.all)
  func threeParts(_ server: RealServer) async throws {
    try await server.withBucket(small(server)) { bucket in
      let bytes = patternedBytes((10 << 20) + 7)
      for (key, length) in [("known ü", Int64(bytes.count)), ("unknown", nil)] {
        var options = S3PutOptions()
        options.contentType = "application/x-odd"
        options.metadata = ["who": "me"]
        let source = ChunkSource(bytes, chunkBytes: 300_001)
        let receipt = try await bucket.upload(key, length: length, options) { source.next() }
        #expect(!receipt.wasRecovered)
        let (head, stored) = try await bucket.getBytes(key, limitBytes: bytes.count)
        #expect(stored == bytes)
        #expect(head.etag?.hasSuffix("-3\"") == true)
        #expect(head.contentType == "application/x-odd")
        #expect(head.metadata["who"] == "me")
        let across = try await bucket.getBytes(
          key, range: Int64((5 << 20) - 3)..<Int64((5 << 20) + 3), limitBytes: 6)
        #expect(across.bytes == Array(bytes[(5 << 20) - 3..<(5 << 20) + 3]))
      }
      let pending = try await bucket.listUploads()
      #expect(pending.isEmpty)
    }
  }

  @Test("what fits in a part is put at once", arguments: RealServer.all)
  func onePart(_ server: RealServer) async throws {
    try await server.withBucket(small(server)) { bucket in
      for (key, size) in [("none", 0), ("some", 1000), ("full", 5 << 20)] {
        let source = ChunkSource(patternedBytes(size), chunkBytes: 1 << 20)
        _ = try await bucket.upload(key, length: Int64(size)) { source.next() }
        let (head, bytes) = try await bucket.getBytes(key, limitBytes: size)
        #expect(bytes == patternedBytes(size))
        #expect(head.metadata["sha256"] != nil)
      }
    }
  }

  @Test(
    "a source that fails or gives another number of bytes leaves nothing", arguments: RealServer.all
  )
  func failingSource(_ server: RealServer) async throws {
    try await server.withBucket(small(server)) { bucket in
      let bytes = patternedBytes(11 << 20)
      let source = ChunkSource(bytes, chunkBytes: 1 << 20)
      let thrown = await kind { () async throws(S3Error) in
        try await bucket.upload("x", length: 20 << 20) {
          guard let chunk = source.next() else { throw Broken() }
          return chunk
        }
      }
      var kinds = [thrown]
      for said in [3, 1 << 20, (11 << 20) - 1, (11 << 20) + 1, 40 << 20] {
        let source = ChunkSource(bytes, chunkBytes: 1 << 20)
        kinds.append(
          await kind { () async throws(S3Error) in
            try await bucket.upload("x", length: Int64(said)) { source.next() }
          })
      }
      #expect(kinds == Array(repeating: .sourceFailed, count: 6))
      let pending = try await bucket.listUploads()
      #expect(pending.isEmpty)
      let found = try await bucket.head("x")
      #expect(found == nil)
    }
  }

  @Test("a cancelled upload is aborted", arguments: RealServer.all)
  func cancelled(_ server: RealServer) async throws {
    try await server.withBucket(small(server)) { bucket in
      let source = ChunkSource(patternedBytes(12 << 20), chunkBytes: 1 << 20)
      // The source holds the end back until the task is cancelled, as a slow user would.
      let (reached, arrived) = AsyncStream<Void>.makeStream()
      let upload = Task {
        await kind { () async throws(S3Error) in
          try await bucket.upload("x", length: 20 << 20) {
            if let chunk = source.next() { return chunk }
            arrived.yield()
            for await _ in AsyncStream<Void>(unfolding: { await suspendUntilCancelled() }) {}
            throw CancellationError()
          }
        }
      }
      for await _ in reached { break }
      let during = try await bucket.listUploads()
      #expect(during.count == 1)
      upload.cancel()
      let outcome = await upload.value
      #expect(outcome == .cancelled)
      let pending = try await bucket.listUploads()
      #expect(pending.isEmpty)
    }
  }

  @Test(
    "the single steps: parts in any order, replaced, listed, completed, aborted",
    arguments: RealServer.all)
  func steps(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let key = "steps/ü +"
      let upload = try await bucket.createUpload(key)
      let last = try await bucket.uploadPart(upload, number: 3, [7, 7])
      _ = try await bucket.uploadPart(upload, number: 1, patternedBytes(5 << 20))
      let second = try await bucket.uploadPart(upload, number: 2, patternedBytes(5 << 20))
      let first = try await bucket.uploadPart(
        upload, number: 1, patternedBytes(5 << 20, seed: 1))
      let listed = try await bucket.listParts(upload)
      #expect(listed.map(\.number) == [1, 2, 3])
      #expect(listed.map(\.sizeBytes) == [5 << 20, 5 << 20, 2])
      let pending = try await bucket.listUploads(prefix: "steps/")
      #expect(pending.map(\.key) == [key])
      #expect(pending.first?.uploadID == upload.id)
      _ = try await bucket.completeUpload(upload, parts: [last, first, second])
      let found = try #require(try await bucket.head(key))
      #expect(found.etag == "\"\(S3Bucket.compositeETag([first, second, last]) ?? "")\"")
      #expect(found.contentType == "binary/octet-stream")
      let after = try await bucket.listUploads()
      #expect(after.isEmpty)
      // An abort that comes too late takes nothing away.
      try await bucket.abortUpload(upload)
      let (_, bytes) = try await bucket.getBytes(key, limitBytes: 11 << 20)
      #expect(bytes == patternedBytes(5 << 20, seed: 1) + patternedBytes(5 << 20) + [7, 7])
    }
  }

  @Test("an aborted upload is gone, and aborting it again is harmless", arguments: RealServer.all)
  func aborted(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let upload = try await bucket.createUpload("gone")
      let part = try await bucket.uploadPart(upload, number: 1, [1])
      try await bucket.abortUpload(upload)
      try await bucket.abortUpload(upload)
      let pending = try await bucket.listUploads()
      #expect(pending.isEmpty)
      let parts = await kind { () async throws(S3Error) in try await bucket.listParts(upload) }
      #expect(parts == .notFound)
      // Ceph answers 500, again and again; either way it is no success.
      let completed = await kind { () async throws(S3Error) in
        try await bucket.completeUpload(upload, parts: [part])
      }
      #expect(completed == .notFound || completed == .broken)
      let found = try await bucket.head("gone")
      #expect(found == nil)
    }
  }

  @Test("create-only holds for an upload of many parts, too", arguments: RealServer.all)
  func createOnly(_ server: RealServer) async throws {
    try await server.withBucket(small(server)) { bucket in
      var options = S3PutOptions()
      options.createOnly = true
      let bytes = patternedBytes(6 << 20)
      let first = ChunkSource(bytes, chunkBytes: 1 << 20)
      _ = try await bucket.upload("x", length: 6 << 20, options) { first.next() }
      let second = ChunkSource(bytes, chunkBytes: 1 << 20)
      let refused = await kind { () async throws(S3Error) in
        try await bucket.upload("x", length: 6 << 20, options) { second.next() }
      }
      #expect(refused == .preconditionFailed)
    }
  }
}

/// Returns `nil` as soon as the task is cancelled.
func suspendUntilCancelled() async -> Void? {
  let (stream, continuation) = AsyncStream<Void>.makeStream()
  // Held until the end, since a stream whose continuation is gone ends.
  defer { continuation.finish() }
  for await _ in stream {}
  return nil
}
