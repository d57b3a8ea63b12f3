// The contract of put and delete: whole objects, created once, replaced at once.

import ArchiveCore
import Synchronization
import Testing

extension ObjectStoreContract {
  static let writing: [ObjectStoreCheck] = [
    ObjectStoreCheck("a put that returned is complete and can be read") { store in
      for count in [1, 255, 65_536, 262_143, 262_144, 262_145, 3_000_001] {
        let bytes = patternedBytes(count, seed: UInt64(count))
        try await store.put("size/\(count)", bytes)
        #expect(try await store.bytes("size/\(count)") == bytes)
        let info = try #require(try await store.head(ObjectKey(trusted: "size/\(count)")))
        #expect(info.sizeBytes == Int64(count))
        #expect(info.key.description == "size/\(count)")
      }
    },
    ObjectStoreCheck("an empty object is an object") { store in
      try await store.put("empty", [])
      #expect(try await store.bytes("empty") == [])
      #expect(try await store.head(ObjectKey(trusted: "empty"))?.sizeBytes == 0)
      #expect(try await store.keys("") == ["empty"])
      #expect(
        await thrownKind { () async throws(StoreError) in try await store.put("empty", [1]) }
          == .conflict)
    },
    ObjectStoreCheck("a create-only put of an existing key conflicts and changes nothing") {
      store in
      try await store.put("once", [1, 2, 3])
      #expect(
        await thrownKind { () async throws(StoreError) in try await store.put("once", [4]) }
          == .conflict)
      #expect(
        await thrownKind { () async throws(StoreError) in try await store.put("once", [1, 2, 3]) }
          == .conflict)
      #expect(try await store.bytes("once") == [1, 2, 3])
    },
    ObjectStoreCheck("a replacing put replaces, and creates where there was nothing") { store in
      try await store.put("a/b", [1, 2, 3], mode: .replace)
      try await store.put("a/b", [4], mode: .replace)
      #expect(try await store.bytes("a/b") == [4])
      #expect(try await store.head(ObjectKey(trusted: "a/b"))?.sizeBytes == 1)
      #expect(try await store.keys("") == ["a/b"])
    },
    ObjectStoreCheck("a deleted object is gone and may be created again") { store in
      try await store.put("gone", [1])
      try await store.delete(ObjectKey(trusted: "gone"))
      #expect(try await store.head(ObjectKey(trusted: "gone")) == nil)
      #expect(
        await thrownKind { () async throws(StoreError) in _ = try await store.bytes("gone") }
          == .notFound)
      #expect(try await store.keys("") == [])
      try await store.put("gone", [2])
      #expect(try await store.bytes("gone") == [2])
    },
    ObjectStoreCheck("deleting what is not there succeeds") { store in
      try await store.put("there/x", [1])
      for key in ["nothing", "no/such/place", "there", "there/y", "there/x/below"] {
        try await store.delete(ObjectKey(trusted: key))
      }
      #expect(try await store.bytes("there/x") == [1])
    },
    ObjectStoreCheck("the media type is told as it was given, or not at all") { store in
      let key = ObjectKey(trusted: "typed")
      try await store.put(key, .bytes([1]), mode: .create, type: "text/plain; charset=utf-8")
      let types = [
        try await store.head(key)?.type, try await store.get(key, range: nil).info.type,
        try await store.list(prefix: "", after: nil, limit: 1).first?.type,
      ]
      for type in types.compactMap(\.self) { #expect(type == "text/plain; charset=utf-8") }
    },
    ObjectStoreCheck("an engine that serves answers a ping, and a ping leaves no object") { store in
      try await store.ping()
      #expect(try await store.keys("") == [])
    },
  ]

  static let racing: [ObjectStoreCheck] = [
    ObjectStoreCheck("of eight create-only puts at once exactly one wins, and its bytes stay") {
      store in
      for round in 0..<10 {
        let key = "race/\(round)/object"
        let winners = await withTaskGroup(of: (UInt8, StoreError.Kind?).self) { group in
          for writer in UInt8(0)..<8 {
            group.addTask {
              let bytes = [UInt8](repeating: writer, count: 100_000)
              return (
                writer,
                await thrownKind { () async throws(StoreError) in try await store.put(key, bytes) }
              )
            }
          }
          return await group.reduce(into: [UInt8: StoreError.Kind?]()) { $0[$1.0] = .some($1.1) }
        }
        let won = winners.filter { $0.value == nil }.map(\.key)
        #expect(won.count == 1)
        #expect(winners.values.filter { $0 == .conflict }.count == 7)
        let winner = try #require(won.first)
        #expect(try await store.bytes(key) == [UInt8](repeating: winner, count: 100_000))
      }
    },
    ObjectStoreCheck("a reader sees the old object or the new one, never a part") { store in
      let count = 300_000
      try await store.put("torn", [UInt8](repeating: 0, count: count))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for version in UInt8(1)...40 {
            let bytes = [UInt8](repeating: version, count: count - Int(version))
            try await store.put("torn", bytes, mode: .replace)
          }
        }
        for _ in 0..<3 {
          group.addTask {
            for _ in 0..<25 {
              let bytes = try await store.bytes("torn")
              let version = try #require(bytes.first)
              #expect(bytes.count == count - Int(version))
              #expect(bytes == [UInt8](repeating: version, count: bytes.count))
            }
          }
        }
        try await group.waitForAll()
      }
    },
    ObjectStoreCheck("an object being read stays readable or fails when it is replaced meanwhile") {
      store in
      let (old, new) = (patternedBytes(1_000_000, seed: 1), patternedBytes(900_000, seed: 2))
      try await store.put("replaced", old)
      let object = try await store.get(ObjectKey(trusted: "replaced"), range: nil)
      let first = try #require(try await object.next())
      try await store.put("replaced", new, mode: .replace)
      do {
        var bytes = first
        while let chunk = try await object.next() { bytes += chunk }
        #expect(bytes == old)
      } catch {
        #expect(error is StoreError)
      }
      #expect(try await store.bytes("replaced") == new)
    },
  ]

  static let streaming: [ObjectStoreCheck] = [
    ObjectStoreCheck("a stream is stored whole, with and without its length announced") { store in
      let bytes = patternedBytes(1_500_000)
      for (number, chunkBytes) in [1_000, 65_536, 262_144, 1_499_999, 2_000_000].enumerated() {
        for length in [nil, Int64(bytes.count)] {
          let key = "stream/\(number)/\(length == nil)"
          let source = chunks(of: bytes, count: chunkBytes)
          try await store.putStream(key, length: length, source)
          #expect(try await store.bytes(key) == bytes)
        }
      }
    },
    ObjectStoreCheck("a stream of nothing is an empty object, and empty chunks are no end") {
      store in
      try await store.putStream("none", length: 0, chunks([]))
      try await store.putStream("gaps", length: nil, chunks([[], [1], [], [], [2], []]))
      #expect(try await store.bytes("none") == [])
      #expect(try await store.bytes("gaps") == [1, 2])
    },
    ObjectStoreCheck("a stream that throws stores nothing and leaves the old object") { store in
      try await store.put("old", [7])
      for after in [0, 1, 5] {
        let source = chunks(of: patternedBytes(1_000_000), count: 200_000, failingAfter: after)
        for (key, mode) in [("new", PutMode.create), ("fresh", .replace), ("old", .replace)] {
          let kind = await thrownKind { () async throws(StoreError) in
            try await store.putStream(key, length: nil, mode: mode, source)
          }
          #expect(kind != nil)
        }
      }
      #expect(try await store.bytes("old") == [7])
      #expect(try await store.keys("") == ["old"])
    },
    ObjectStoreCheck("a stream that lies about its length is invalid and stores nothing") { store in
      try await store.put("old", [7])
      for announced: Int64 in [0, 1, 299_999, 300_001, .max, -1] {
        for (key, mode) in [("new", PutMode.create), ("old", .replace)] {
          let source = chunks(of: patternedBytes(300_000), count: 100_000)
          let kind = await thrownKind { () async throws(StoreError) in
            try await store.putStream(key, length: announced, mode: mode, source)
          }
          #expect(kind == .invalid)
        }
      }
      #expect(try await store.bytes("old") == [7])
      #expect(try await store.keys("") == ["old"])
    },
    ObjectStoreCheck(
      "a stream that never ends is cut off at its announced length", check: cutsOffEndless),
    ObjectStoreCheck(
      "nothing is seen of an object while its stream still comes", check: hidesUntilComplete),
    ObjectStoreCheck(
      "a create-only stream conflicts with what was put while it came", check: losesToFaster),
  ]

  private static func cutsOffEndless(_ store: any ObjectStore) async throws {
    let endless: @Sendable () async throws -> [UInt8]? = { [UInt8](repeating: 1, count: 100_000) }
    let kind = await thrownKind { () async throws(StoreError) in
      try await store.putStream("endless", length: 1_000_000, endless)
    }
    #expect(kind == .invalid)
    #expect(try await store.keys("") == [])
  }

  private static func hidesUntilComplete(_ store: any ObjectStore) async throws {
    let key = ObjectKey(trusted: "coming")
    let count = Mutex(0)
    try await store.putStream("coming", length: nil) { () async throws -> [UInt8]? in
      let info = try await store.head(key)
      let listed = try await store.list(prefix: "", after: nil, limit: 10)
      #expect(info == nil)
      #expect(listed.isEmpty)
      return count.withLock { count in
        count += 1
        return count > 4 ? nil : [UInt8](repeating: UInt8(count), count: 300_000)
      }
    }
    #expect(try await store.head(key)?.sizeBytes == 1_200_000)
  }

  private static func losesToFaster(_ store: any ObjectStore) async throws {
    let chunks = Mutex<[[UInt8]]>([[2]])
    let kind = await thrownKind { () async throws(StoreError) in
      try await store.putStream("overtaken", length: nil) { () async throws -> [UInt8]? in
        guard let chunk = chunks.withLock({ $0.popLast() }) else { return nil }
        try await store.put("overtaken", [1])
        return chunk
      }
    }
    #expect(kind == .conflict)
    #expect(try await store.bytes("overtaken") == [1])
  }
}

/// What a source throws that is not a store's error.
struct SourceBroke: Error {}

/// A source of the given chunks.
func chunks(_ chunks: [[UInt8]], failingAfter: Int? = nil) -> @Sendable () async throws -> [UInt8]?
{
  let position = Mutex(0)
  return {
    try position.withLock { position in
      if position == failingAfter { throw SourceBroke() }
      guard position < chunks.count else { return nil }
      defer { position += 1 }
      return chunks[position]
    }
  }
}

/// A source of the bytes in chunks of `count`.
func chunks(of bytes: [UInt8], count: Int, failingAfter: Int? = nil)
  -> @Sendable () async throws -> [UInt8]?
{
  let starts = stride(from: 0, to: bytes.count, by: max(1, count))
  return chunks(
    starts.map { Array(bytes[$0..<min(bytes.count, $0 + count)]) }, failingAfter: failingAfter)
}

extension ObjectStore {
  func putStream(
    _ key: String, length: Int64?, mode: PutMode = .create,
    _ source: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws(StoreError) {
    try await put(
      ObjectKey(trusted: key), .stream(length: length, source), mode: mode,
      type: "application/octet-stream")
  }
}
