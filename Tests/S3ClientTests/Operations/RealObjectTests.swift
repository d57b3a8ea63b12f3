// Objects on real servers: put, get, head, copy, delete, ranges, conditions.

import Testing

@testable import S3Client

@Suite("objects on a real server", .enabled(if: !RealServer.all.isEmpty, RealServer.skipped))
struct RealObjectTests {
  @Test("A4 what is put is read back, whole and by its head", arguments: RealServer.all)
  func roundTrip(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      for size in [0, 1, 4096, 3_000_000] {
        let bytes = patternedBytes(size)
        var options = S3PutOptions()
        options.contentType = "text/x-odd; charset=utf-8"
        options.cacheControl = "no-store"
        options.contentDisposition = #"attachment; filename="a b.txt""#
        options.metadata = ["Origin": "a, b = c", "empty-not": "x"]
        let receipt = try await bucket.put("size/\(size)", .bytes(bytes), options)
        #expect(!receipt.wasRecovered)
        let object = try await bucket.get("size/\(size)")
        #expect(try await object.collect(limitBytes: size) == bytes)
        #expect(try await object.next() == nil)
        let (head, whole) = try await bucket.getBytes("size/\(size)", limitBytes: size)
        #expect(whole == bytes)
        let stat = try #require(try await bucket.head("size/\(size)"))
        for found in [object.head, head, stat] {
          #expect(found.sizeBytes == Int64(size))
          #expect(found.etag == receipt.etag)
          #expect(found.contentType == "text/x-odd; charset=utf-8")
          #expect(found.metadata["origin"] == "a, b = c")
          #expect(found.metadata["sha256"] == SigV4.payloadHash(bytes))
          #expect(found.modified != nil)
        }
      }
    }
  }

  @Test("what is not there is not found", arguments: RealServer.all)
  func missing(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      #expect(await kind { () async throws(S3Error) in try await bucket.get("no") } == .notFound)
      let head = try await bucket.head("no")
      #expect(head == nil)
      try await bucket.delete("no")
      let nowhere = try bucket.client.bucket("surely-not-a-bucket-0815")
      let noBucket = [
        await kind { () async throws(S3Error) in try await nowhere.get("a") },
        await kind { () async throws(S3Error) in try await nowhere.put("a", .bytes([1])) },
        await kind { () async throws(S3Error) in try await nowhere.head() },
        await kind { () async throws(S3Error) in try await nowhere.listPage() },
      ]
      #expect(noBucket == [.noBucket, .noBucket, .noBucket, .noBucket])
    }
  }

  @Test("a range gives the bytes of it that the object has", arguments: RealServer.all)
  func ranges(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let bytes = patternedBytes(700_000)
      try await bucket.put("ranged", .bytes(bytes))
      let ranges: [Range<Int64>] = [
        0..<1, 0..<700_000, 0..<700_001, 0..<Int64.max, 1..<2, 262_143..<262_145, 100..<600_000,
        699_999..<700_000, 699_999..<Int64.max,
      ]
      for range in ranges {
        let expected = Array(bytes[Int(range.lowerBound)..<Int(min(range.upperBound, 700_000))])
        let object = try await bucket.get("ranged", range: range)
        #expect(object.head.sizeBytes == 700_000)
        let pulled = try await object.collect(limitBytes: 700_000)
        #expect(pulled == expected)
        let (head, whole) = try await bucket.getBytes(
          "ranged", range: range, limitBytes: 700_000)
        #expect(head.sizeBytes == 700_000)
        #expect(whole == expected)
      }
      let hostile: [Range<Int64>] = [
        700_000..<700_001, 700_001..<Int64.max, (Int64.max - 1)..<Int64.max, -1..<5, 3..<3,
        Int64.max..<Int64.max, Int64.min..<Int64.max,
      ]
      for range in hostile {
        let found = await kind { () async throws(S3Error) in
          try await bucket.get("ranged", range: range)
        }
        #expect(found == .invalidRange)
      }
    }
  }

  @Test("If-Match reads the version that it names and no other", arguments: RealServer.all)
  func ifMatch(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let etag = try await bucket.put("a", .bytes([1])).etag
      let object = try await bucket.get("a", ifMatch: etag)
      let bytes = try await object.collect(limitBytes: 1)
      #expect(bytes == [1])
      try await bucket.put("a", .bytes([2, 2]))
      let other = await kind { () async throws(S3Error) in
        try await bucket.get("a", ifMatch: etag)
      }
      #expect(other == .preconditionFailed)
    }
  }

  @Test("A4 a create-only put never replaces", arguments: RealServer.all)
  func createOnly(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      var options = S3PutOptions()
      options.createOnly = true
      _ = try await bucket.put("once", .bytes([1]), options)
      let again = await kind { () async throws(S3Error) in
        try await bucket.put("once", .bytes([1]), options)
      }
      #expect(again == .preconditionFailed)
      let (_, bytes) = try await bucket.getBytes("once", limitBytes: 10)
      #expect(bytes == [1])
    }
  }

  @Test("a stream whose hash is known is put in one request", arguments: RealServer.all)
  func stream(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let bytes = patternedBytes(300_000)
      let chunks = ChunkSource(bytes, chunkBytes: 7_000)
      _ = try await bucket.put(
        "streamed",
        .stream(length: 300_000, sha256: SigV4.payloadHash(bytes)) { chunks.next() })
      let (head, stored) = try await bucket.getBytes("streamed", limitBytes: 300_000)
      #expect(stored == bytes)
      #expect(head.metadata["sha256"] == SigV4.payloadHash(bytes))
      let wrong = ChunkSource(bytes, chunkBytes: 7_000)
      let refused = await kind { () async throws(S3Error) in
        try await bucket.put(
          "lie", .stream(length: 300_000, sha256: SigV4.payloadHash([1])) { wrong.next() })
      }
      #expect(refused == .invalidRequest)
      let lie = try await bucket.head("lie")
      #expect(lie == nil)
    }
  }

  @Test("a stream without a hash is refused over plain HTTP", arguments: RealServer.all)
  func unprotectedStream(_ server: RealServer) async throws {
    guard !server.endpoint.isTLS else { return }
    let client = try server.client()
    let bucket = try client.bucket("anything")
    let refused = await kind { () async throws(S3Error) in
      try await bucket.put("a", .stream(length: 1, sha256: nil) { [1] })
    }
    #expect(refused == .invalidRequest)
    await client.close()
  }

  @Test("a copy has the bytes, and the metadata or other", arguments: RealServer.all)
  func copy(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      var options = S3PutOptions()
      options.contentType = "text/plain"
      options.metadata = ["a": "1"]
      try await bucket.put("von ü+%/quelle", .bytes([1, 2, 3]), options)
      let receipt = try await bucket.copy("to", from: "von ü+%/quelle")
      #expect(receipt.etag != nil)
      let (head, bytes) = try await bucket.getBytes("to", limitBytes: 3)
      #expect(bytes == [1, 2, 3])
      #expect(head.metadata["a"] == "1")
      options.metadata = ["a": "2"]
      _ = try await bucket.copy("to", from: "von ü+%/quelle", replacing: options)
      let replaced = try #require(try await bucket.head("to"))
      #expect(replaced.metadata["a"] == "2")
      let missing = await kind { () async throws(S3Error) in try await bucket.copy("x", from: "no")
      }
      #expect(missing == .notFound)
    }
  }

  @Test("more bytes than the caller allows are refused", arguments: RealServer.all)
  func limits(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      try await bucket.put("large", .bytes(patternedBytes(100_000)))
      let pulled = await kind { () async throws(S3Error) in
        try await bucket.get("large").collect(limitBytes: 99_999)
      }
      let whole = await kind { () async throws(S3Error) in
        try await bucket.getBytes("large", limitBytes: 99_999).bytes
      }
      let small = await kind { () async throws(S3Error) in
        try await bucket.getBytes("large", limitBytes: 10).bytes
      }
      #expect([pulled, whole, small] == [.invalidRequest, .invalidRequest, .invalidRequest])
    }
  }
}
