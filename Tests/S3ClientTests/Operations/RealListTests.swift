// Lists and batches on real servers.

import Testing

@testable import S3Client

@Suite("lists on a real server", .enabled(if: !RealServer.all.isEmpty, RealServer.skipped))
struct RealListTests {
  private func put(_ keys: [String], into bucket: S3Bucket) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, key) in keys.enumerated() {
        if index >= 16 { try await group.next() }
        group.addTask { _ = try await bucket.put(key, .bytes([1, 2])) }
      }
      try await group.waitForAll()
    }
  }

  @Test("A4 1,209 keys come each once, in the order of their bytes", arguments: RealServer.all)
  func manyKeys(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let keys = (0..<1209).map { "list/\($0 % 7)/ü \($0)+" }
      try await put(keys, into: bucket)
      let expected = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      var listed: [S3ListedObject] = []
      for try await object in bucket.list(prefix: "list/") { listed.append(object) }
      #expect(listed.map(\.key) == expected)
      #expect(listed.allSatisfy { $0.sizeBytes == 2 && $0.etag != nil && $0.modified != nil })
      var behind: [String] = []
      for try await object in bucket.list(prefix: "list/", startAfter: expected[1100]) {
        behind.append(object.key)
      }
      #expect(behind == Array(expected[1101...]))
      let nothing = try await bucket.listPage(prefix: "other/")
      #expect(nothing == S3ListPage(objects: []))
    }
  }

  @Test("pages, prefixes and delimiters", arguments: RealServer.all)
  func pages(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let keys = ["a/1", "a/2", "a/ü/3", "b", "c d/4", "e+"]
      try await put(keys, into: bucket)
      var token: String?
      var listed: [String] = []
      repeat {
        let page = try await bucket.listPage(token: token, limit: 2)
        #expect(page.objects.count <= 2)
        listed += page.objects.map(\.key)
        token = page.nextToken
      } while token != nil
      #expect(listed == keys)
      let folded = try await bucket.listPage(delimiter: "/")
      #expect(folded.objects.map(\.key) == ["b", "e+"])
      #expect(folded.prefixes == ["a/", "c d/"])
      let below = try await bucket.listPage(prefix: "a/", delimiter: "/")
      #expect(below.objects.map(\.key) == ["a/1", "a/2"])
      #expect(below.prefixes == ["a/ü/"])
    }
  }

  @Test("1,500 keys are deleted in batches, missing ones among them", arguments: RealServer.all)
  func deleteMany(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let keys = (0..<1500).map { "del/\($0) <&>\"+ü" }
      try await put(Array(keys[..<300]), into: bucket)
      try await bucket.put("kept", .bytes([]))
      let failures = try await bucket.delete(keys + ["never/there", "c\u{1}c"])
      #expect(failures.isEmpty)
      let left = try await bucket.listPage()
      #expect(left.objects.map(\.key) == ["kept"])
      let none = try await bucket.delete([])
      #expect(none.isEmpty)
    }
  }
}
