// Keys as odd as users make them, on real servers.

import Testing

@testable import S3Client

@Suite("odd keys on a real server", .enabled(if: !RealServer.all.isEmpty, RealServer.skipped))
struct RealKeyTests {
  /// Those of the table of servers, and what else has broken clients.
  static let keys = [
    "sp ace", " lead", "trail ", "plus+plus", "per%2Fcent", "per%cent", "ümlaut/日本語/😀", "a//b",
    "/lead", "//two",
    "trail/", "q?u#h&a=m;p,@:$!'()*", "tilde~_-.", "back\\slash", "quo\"te<>&amp;", ".", "..",
    "a/../b", "a/./b", "c\u{1}c", "new\nline", "re\rturn", "tab\t", "del\u{7F}", "e\u{301}",
    "\u{E9}",
    "%", "%00", "?", "#", "&", "=", "[]{}|^`", "\u{FEFF}bom", "]]>", "<!--", "uploads", "?acl",
    String(repeating: "k", count: 250) + "/" + String(repeating: "ü", count: 100),
  ]

  @Test(
    "J3 odd keys are put, read, copied, listed and deleted as they are", arguments: RealServer.all)
  func oddKeys(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, key) in Self.keys.enumerated() {
          group.addTask { try await roundTrip(key, "copies/\(index)", in: bucket) }
        }
        try await group.waitForAll()
      }
      var listed: Set<[UInt8]> = []
      for try await object in bucket.list() { listed.insert(Array(object.key.utf8)) }
      // Bytes are compared: Swift takes two forms of one letter for equal, S3 does not.
      let expected = Set(Self.keys.map { Array($0.utf8) })
      #expect(expected.subtracting(listed).isEmpty)
      #expect(listed.count == Self.keys.count * 2)
      let failures = try await bucket.delete(Self.keys)
      #expect(failures.isEmpty)
      for key in Self.keys {
        let gone = try await bucket.head(key)
        #expect(gone == nil, "key \(key.debugDescription)")
      }
    }
  }

  private func roundTrip(_ key: String, _ copy: String, in bucket: S3Bucket) async throws {
    let bytes = Array("of \(key)".utf8)
    try await bucket.put(key, .bytes(bytes))
    let (head, stored) = try await bucket.getBytes(key, limitBytes: 2000)
    #expect(stored == bytes, "key \(key.debugDescription)")
    #expect(head.key == key)
    let stat = try await bucket.head(key)
    #expect(stat?.sizeBytes == Int64(bytes.count), "key \(key.debugDescription)")
    _ = try await bucket.copy(copy, from: key)
    let (_, copied) = try await bucket.getBytes(copy, limitBytes: 2000)
    #expect(copied == bytes, "copy of \(key.debugDescription)")
  }

  @Test("keys of no byte and of more than 1,024 are refused before they are sent")
  func lengths() async throws {
    let server = try #require(RealServer.all.first)
    let client = try server.client()
    let bucket = try client.bucket("anything")
    for key in ["", String(repeating: "a", count: 1025), String(repeating: "ü", count: 513)] {
      let put = await kind { () async throws(S3Error) in try await bucket.put(key, .bytes([])) }
      let delete = await kind { () async throws(S3Error) in try await bucket.delete([key]) }
      #expect([put, delete] == [.invalidRequest, .invalidRequest])
    }
    await client.close()
  }
}
