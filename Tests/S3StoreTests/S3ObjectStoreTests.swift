// What only a bucket can do to an archive: prefixes, foreign objects, parts, conditions.

import ArchiveCore
import ArchiveTesting
import Foundation
import Logging
import S3Client
import S3Store
import S3Testing
import Synchronization
import Testing

@Suite(
  "archives in buckets", .timeLimit(.minutes(5)),
  .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)))
struct S3ObjectStoreTests {
  private let key = ObjectKey(trusted: "a/b")

  @Test("two archives in one bucket see nothing of each other", arguments: TestS3Server.all)
  func prefixes(_ server: TestS3Server) async throws {
    try await server.withPlace { place in
      let one = try place.store(prefix: place.prefix + "one/")
      let two = try place.store(prefix: place.prefix + "one/two/")
      try await one.put(key, .bytes([1]), mode: .create, type: "x")
      try await two.put(key, .bytes([2]), mode: .create, type: "x")
      #expect(try await one.get(key, range: nil).bytes(limitBytes: 9) == [1])
      #expect(try await two.get(key, range: nil).bytes(limitBytes: 9) == [2])
      #expect(try await two.list(prefix: "", after: nil, limit: 9).map(\.key) == [key])
      try await two.delete(key)
      #expect(try await one.head(key)?.sizeBytes == 1)
      #expect(try await two.head(key) == nil)
    }
  }

  @Test("a prefix that is no folder of keys is refused, and a key too long with it")
  func wrongPrefixes() async throws {
    let server = try #require(TestS3Server.first)
    try await server.withPlace { place in
      for prefix in ["a", "/", "/a/", "a//", "../", "ä/", "a b/"] {
        #expect(throws: StoreError.self) { try place.store(prefix: prefix) }
      }
      let longest = ObjectKey(
        trusted: [255, 255, 255, 255].map { String(repeating: "k", count: $0) }.joined(
          separator: "/"))
      let store = try place.store()
      let kind = await thrown { () async throws(StoreError) in
        try await store.put(longest, .bytes([1]), mode: .replace, type: "x")
      }
      #expect(kind == .invalid)
    }
  }

  @Test("foreign objects are passed over, however many there are", arguments: TestS3Server.all)
  func foreignObjects(_ server: TestS3Server) async throws {
    try await server.withPlace { place in
      let store = try place.store()
      for number in 0..<6 {
        let key = ObjectKey(trusted: "k\(number)")
        try await store.put(key, .bytes([1]), mode: .create, type: "x")
      }
      let foreign = [
        "", "a folder/", "k1 ", "k1/", "k2//x", "k3ä", "@scratch/old", "k4/../x", "k5\\", "k0+",
      ]
      for name in foreign {
        _ = try await place.bucket.put(place.prefix + name, .bytes([9]))
      }
      for limit in [1, 2, 6, 1000] {
        var keys: [String] = []
        while true {
          let after = keys.last.map { ObjectKey(trusted: $0) }
          let page = try await store.list(prefix: "", after: after, limit: limit)
          keys += page.map(\.key.description)
          if page.count < limit { break }
        }
        #expect(keys == (0..<6).map { "k\($0)" })
      }
    }
  }

  @Test(
    "a body above the part size goes in parts, is created once, and leaves no upload",
    arguments: TestS3Server.all)
  func parts(_ server: TestS3Server) async throws {
    try await server.withPlace { settings in
      settings.partBytes = 5 << 20
    } _: { place in
      let store = try place.store(partBytes: 5 << 20)
      let bytes = (0..<(11 << 20)).map { UInt8(truncatingIfNeeded: $0 / 4093) }
      try await store.put(key, .bytes(bytes), mode: .create, type: "application/gzip")
      let info = try #require(try await store.head(key))
      #expect(info.sizeBytes == Int64(bytes.count))
      #expect(info.type == "application/gzip")
      let seam = Int64(5 << 20)
      let across = try await store.get(key, range: seam - 3..<seam + 3).bytes(limitBytes: 9)
      #expect(across == Array(bytes[Int(seam) - 3..<Int(seam) + 3]))
      let isRight = try await store.get(key, range: nil).bytes(limitBytes: 12 << 20) == bytes
      #expect(isRight)
      let kind = await thrown { () async throws(StoreError) in
        try await store.put(key, .bytes(bytes), mode: .create, type: "x")
      }
      #expect(kind == .conflict)
      try await store.put(key, .bytes(Array(bytes.reversed())), mode: .replace, type: "x")
      #expect(
        try await store.get(key, range: 0..<1).bytes(limitBytes: 1) == [bytes[bytes.count - 1]])
      #expect(try await place.bucket.listUploads(prefix: place.prefix).isEmpty)
    }
  }

  @Test("of several uploads in parts of one key exactly one wins", arguments: TestS3Server.all)
  func racingParts(_ server: TestS3Server) async throws {
    try await server.withPlace { settings in
      settings.partBytes = 5 << 20
    } _: { place in
      let store = try place.store(partBytes: 5 << 20)
      let kinds = await withTaskGroup(of: StoreError.Kind?.self) { group in
        for writer in UInt8(1)...4 {
          group.addTask {
            await thrown { () async throws(StoreError) in
              try await store.put(
                key, .bytes([UInt8](repeating: writer, count: 6 << 20)), mode: .create, type: "x")
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(kinds.count { $0 == nil } == 1)
      #expect(kinds.count { $0 == .conflict } == 3)
      let bytes = try await store.get(key, range: nil).bytes(limitBytes: 6 << 20)
      #expect(Set(bytes).count == 1)
      #expect(try await place.bucket.listUploads(prefix: place.prefix).isEmpty)
    }
  }

  @Test(
    "a long stream that breaks, lies or loses leaves no object and no upload",
    arguments: TestS3Server.all)
  func brokenStreams(_ server: TestS3Server) async throws {
    struct Broken: Error {}
    try await server.withPlace { settings in
      settings.partBytes = 5 << 20
    } _: { place in
      let store = try place.store(partBytes: 5 << 20)
      for announced in [nil, Int64(12 << 20), 13 << 20] {
        let count = Mutex(0)
        let kind = await thrown { () async throws(StoreError) in
          try await store.put(
            key,
            .stream(length: announced) {
              let number = count.withLock { count in
                count += 1
                return count
              }
              if number > 12 {
                if announced == nil { throw Broken() }
                return announced == 13 << 20 ? nil : [1]
              }
              return [UInt8](repeating: 7, count: 1 << 20)
            }, mode: .create, type: "x")
        }
        #expect(kind == (announced == nil ? .unavailable : .invalid))
      }
      #expect(try await store.head(key) == nil)
      #expect(try await place.bucket.listUploads(prefix: place.prefix).isEmpty)
    }
  }

  @Test("one process creates a key once, whatever the server can do", arguments: TestS3Server.all)
  func probed(_ server: TestS3Server) async throws {
    try await server.withPlace { place in
      let log = WarningLog()
      let store = try place.store(logger: log.logger)
      let results = await withTaskGroup(of: StoreError.Kind?.self) { group in
        for writer in UInt8(0)..<16 {
          group.addTask {
            await thrown { () async throws(StoreError) in
              try await store.put(key, .bytes([writer]), mode: .create, type: "x")
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.count { $0 == nil } == 1)
      #expect(results.count { $0 == .conflict } == 15)
      #expect(log.count <= 1, "one warning at the most, although 16 asked")
      #expect(try await place.names() == [place.prefix + "a/b"], "no scratch object is left")
    }
  }

  @Test("a bucket that is missing is no missing object")
  func missingBucket() async throws {
    let server = try #require(TestS3Server.first)
    let client = try server.client()
    let store = try S3ObjectStore(
      bucket: client.bucket("archive-test-that-is-not-there"), surroundings: liveSurroundings,
      logger: TestS3Server.silent)
    let kinds = [
      await thrown { () async throws(StoreError) in _ = try await store.head(key) },
      await thrown { () async throws(StoreError) in _ = try await store.get(key, range: nil) },
      await thrown { () async throws(StoreError) in
        _ = try await store.list(prefix: "", after: nil, limit: 1)
      },
      await thrown { () async throws(StoreError) in
        try await store.put(key, .bytes([1]), mode: .create, type: "x")
      },
      await thrown { () async throws(StoreError) in try await store.ping() },
    ]
    #expect(kinds == [.refused, .refused, .refused, .refused, .refused])
    await client.close()
  }
}

/// Counts warnings. The mutex guards the one field.
final class WarningLog: Sendable {
  private let warnings = Mutex(0)

  var count: Int { warnings.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: WarningLog
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.warning
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { log.warnings.withLock { $0 += 1 } }
  }
}
