// The contract of get, head and list: ranges, order, pages, prefixes.

import ArchiveCore
import Testing

extension ObjectStoreContract {
  static let reading: [ObjectStoreCheck] = [
    ObjectStoreCheck("what was never put is not found") { store in
      try await store.put("a/b", [1])
      for key in ["nothing", "a", "a/c", "a/b/c", "z/z/z"] {
        #expect(await kindOfGet(store, key) == .notFound)
        #expect(await kindOfGet(store, key, 0..<1) == .notFound)
        #expect(try await store.head(ObjectKey(trusted: key)) == nil)
      }
    },
    ObjectStoreCheck("a range gives the bytes of it that the object has") { store in
      let bytes = patternedBytes(700_000)
      try await store.put("ranged", bytes)
      let ranges: [Range<Int64>] = [
        0..<1, 0..<700_000, 0..<700_001, 0..<Int64.max, 1..<2, 262_143..<262_145,
        262_144..<524_288, 100..<600_000, 699_999..<700_000, 699_999..<Int64.max,
      ]
      for range in ranges {
        let object = try await store.get(ObjectKey(trusted: "ranged"), range: range)
        let end = min(range.upperBound, 700_000)
        #expect(
          try await object.bytes(limitBytes: 1 << 20)
            == bytes[Int(range.lowerBound)..<Int(end)].map(\.self))
        #expect(object.info.sizeBytes == 700_000)
      }
    },
    ObjectStoreCheck("a range that begins at or behind the end, or nowhere, is invalid") { store in
      try await store.put("ten", patternedBytes(10))
      try await store.put("none", [])
      let hostile: [Range<Int64>] = [
        10..<11, 11..<12, 10..<Int64.max, (Int64.max - 1)..<Int64.max, Int64.max..<Int64.max,
        -1..<5, Int64.min..<Int64.max, Int64.min..<0, 3..<3,
      ]
      for range in hostile { #expect(await kindOfGet(store, "ten", range) == .invalid) }
      for range: Range<Int64> in [0..<1, 0..<0, 0..<Int64.max, 1..<2] {
        #expect(await kindOfGet(store, "none", range) == .invalid)
      }
    },
    ObjectStoreCheck("chunks are never empty, and behind the end there is always nothing") {
      store in
      try await store.put("chunked", patternedBytes(600_000))
      try await store.put("none", [])
      for key in ["chunked", "none"] {
        let object = try await store.get(ObjectKey(trusted: key), range: nil)
        while let chunk = try await object.next() { #expect(!chunk.isEmpty) }
        for _ in 0..<3 { #expect(try await object.next() == nil) }
      }
    },
    ObjectStoreCheck("reading more than the caller allows is invalid") { store in
      try await store.put("large", patternedBytes(600_000))
      let object = try await store.get(ObjectKey(trusted: "large"), range: nil)
      #expect(
        await thrownKind { () async throws(StoreError) in
          _ = try await object.bytes(limitBytes: 599_999)
        } == .invalid)
    },
  ]

  static let listing: [ObjectStoreCheck] = [
    ObjectStoreCheck("a list is in the order of the bytes of whole keys") { store in
      let keys = [
        "a", "a-b", "a.b", "a0", "b/c", "b-c", "b.c", "b0", "b/c-d", "b/c0", "B", "Z/z", "_", "-",
        ".hidden", "...", "c/d/e", "c/d-e", "c/d.e/f", "c-/d", "c./d", "c0/d", "c_/d", "ab/x",
      ]
      for key in keys { try await store.put(key, [1]) }
      let expected = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(try await store.keys("") == expected)
      for limit in [1, 2, 5] { #expect(try await store.allKeys("", limit: limit) == expected) }
      // A page may begin behind any text that could be a key, also one that does not exist.
      for after in expected + ["b", "c", "c/d", "b/b", "zzz", "0"] {
        let behind = expected.filter { after.utf8.lexicographicallyPrecedes($0.utf8) }
        #expect(try await store.keys("", after: after) == behind)
      }
    },
    ObjectStoreCheck("1,200 keys come in pages, each once, with their sizes") { store in
      let keys = (0..<1200).map { "pages/\($0 % 7)/\($0)-\($0 * 7919 % 1200)" }
      try await store.putAll(keys) { [UInt8](repeating: 0, count: $0 % 50) }
      let expected = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(try await store.keys("pages/", limit: 1000).count == 1000)
      for limit in [1000, 333, 100] {
        #expect(try await store.allKeys("", limit: limit) == expected)
      }
      let sizes = Dictionary(
        uniqueKeysWithValues: keys.enumerated().map { ($0.element, Int64($0.offset % 50)) })
      for info in try await store.list(prefix: "pages/3/", after: nil, limit: 1000) {
        #expect(info.sizeBytes == sizes[info.key.description])
      }
    },
    ObjectStoreCheck("a folder of more keys than a page is listed in order") { store in
      let keys = (0..<1100).map { "flat/\($0 * 7919 % 1100)" }
      try await store.putAll(keys) { _ in [] }
      let expected = keys.sorted()
      #expect(try await store.allKeys("flat/", limit: 1000) == expected)
    },
    ObjectStoreCheck("a prefix is a beginning of the key's text, not a folder") { store in
      for key in ["ab/c", "abc/d", "ab-c", "ac", "b"] {
        try await store.put(key, [1])
      }
      #expect(try await store.keys("ab") == ["ab-c", "ab/c", "abc/d"])
      #expect(try await store.keys("ab/") == ["ab/c"])
      #expect(try await store.keys("ab/c") == ["ab/c"])
      #expect(try await store.keys("ab/c/") == [])
      #expect(try await store.keys("a") == ["ab-c", "ab/c", "abc/d", "ac"])
      #expect(try await store.keys("x") == [])
      #expect(try await store.keys("ab", after: "a") == ["ab-c", "ab/c", "abc/d"])
      #expect(try await store.keys("ab", after: "ab/c") == ["abc/d"])
      #expect(try await store.keys("ab", after: "b") == [])
    },
    ObjectStoreCheck("a list sees every put that returned before it began") { store in
      for number in 0..<50 {
        try await store.put("seen/\(number % 5)/\(number)", [1])
        #expect(try await store.keys("seen/").count == number + 1)
      }
    },
    ObjectStoreCheck("a list sees what is there throughout, while others put and delete") { store in
      for number in 0..<100 { try await store.put("stay/\(number)", [1]) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for number in 0..<200 {
            try await store.put("stay/come-\(number)", [1])
            try await store.put("stay/\(number % 100)", [2], mode: .replace)
            try await store.delete(ObjectKey(trusted: "stay/come-\(number)"))
          }
        }
        group.addTask {
          for _ in 0..<50 {
            let keys = try await store.keys("stay/").filter { !$0.contains("come") }
            #expect(keys.count == 100)
          }
        }
        try await group.waitForAll()
      }
    },
  ]

  static let refusing: [ObjectStoreCheck] = [
    ObjectStoreCheck("a prefix that no key can begin with is invalid") { store in
      for prefix in ["/", "/a", "a//", "a//b", "../", "a/../b", "./a", "ä", "a b", "a\0", "a*"] {
        let kind = await thrownKind { () async throws(StoreError) in
          _ = try await store.list(prefix: prefix, after: nil, limit: 10)
        }
        #expect(kind == .invalid, "prefix \(prefix.debugDescription)")
      }
    },
    ObjectStoreCheck("a page of less than 1 or more than 1,000 is invalid") { store in
      for limit in [0, -1, 1001, Int.min, Int.max] {
        let kind = await thrownKind { () async throws(StoreError) in
          _ = try await store.list(prefix: "", after: nil, limit: limit)
        }
        #expect(kind == .invalid)
      }
    },
    ObjectStoreCheck("the longest keys work like all others") { store in
      let segment = String(repeating: "s", count: 255)
      let keys = [
        segment,
        "l/" + [segment, segment, segment, String(segment.dropLast(2))].joined(separator: "/"),
      ]
      for key in keys {
        try await store.put(key, [1])
        #expect(try await store.bytes(key) == [1])
      }
      #expect(try await store.keys("") == keys.sorted())
    },
  ]

  private static func kindOfGet(
    _ store: any ObjectStore, _ key: String, _ range: Range<Int64>? = nil
  )
    async -> StoreError.Kind?
  {
    await thrownKind { () async throws(StoreError) in _ = try await store.bytes(key, range: range) }
  }
}

extension ObjectStore {
  /// Puts many, sixteen at once: one by one they would take minutes on a slow server.
  func putAll(_ keys: [String], _ bytes: @escaping @Sendable (Int) -> [UInt8]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, key) in keys.enumerated() {
        if number >= 16 { try await group.next() }
        group.addTask { try await put(key, bytes(number)) }
      }
      try await group.waitForAll()
    }
  }

  /// The keys of all pages.
  func allKeys(_ prefix: String, limit: Int) async throws(StoreError) -> [String] {
    var keys: [String] = []
    while true {
      let page = try await self.keys(prefix, after: keys.last, limit: limit)
      keys += page
      if page.count < limit { return keys }
    }
  }
}
