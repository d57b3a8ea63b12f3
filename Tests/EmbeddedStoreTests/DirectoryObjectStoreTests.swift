// The directory engine: the contract, and what only a file system can do to it.

import ArchiveCore
import ArchiveTesting
import EmbeddedStore
import Foundation
import Testing

@Suite("objects in a directory")
struct DirectoryObjectStoreTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test("J2 the directory keeps the contract", arguments: ObjectStoreContract.checks)
  func keepsContract(check: ObjectStoreCheck) async throws {
    try await withStore { store in try await check.check(store) }
    #expect(try scratch.names(in: "objects/@temp") == [])
  }

  @Test("two stores over one directory keep the contract between them")
  func twoStores() async throws {
    let first = try await open()
    let second = try await open()
    for round in 0..<20 {
      let key = ObjectKey(trusted: "race/\(round)")
      let winners = await withTaskGroup(of: Bool.self) { group in
        for writer in 0..<8 {
          let store = writer % 2 == 0 ? first : second
          group.addTask {
            await kind { () async throws(StoreError) in
              try await store.put(key, .bytes([UInt8(writer)]), mode: .create, type: "x")
            } == nil
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(winners == 1)
    }
    await first.close()
    await second.close()
  }

  @Test("an object is a plain file under its key that only its owner may read")
  func plainFiles() async throws {
    try await withStore { store in
      try await store.put(
        ObjectKey(trusted: "a/b/c.txt"), .bytes(Array("hello".utf8)), mode: .create, type: "x")
    }
    #expect(
      FileManager.default.contents(atPath: scratch.path("objects/a/b/c.txt")) == Data("hello".utf8))
    for (path, mode) in [("objects", 0o700), ("objects/a", 0o700), ("objects/a/b/c.txt", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path(path))
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
  }

  @Test("links, pipes, folders and foreign names are neither listed nor read nor followed")
  func foreignFiles() async throws {
    try scratch.write("secret", to: "outside/secret")
    try scratch.write("x", to: "objects/real/x")
    try scratch.write("x", to: "objects/real/no key")
    try scratch.write("x", to: "objects/ä/x")
    let files = FileManager.default
    try files.createSymbolicLink(
      atPath: scratch.path("objects/link"), withDestinationPath: scratch.path("outside/secret"))
    try files.createSymbolicLink(
      atPath: scratch.path("objects/folder"), withDestinationPath: scratch.path("outside"))
    #expect(mkfifo(scratch.path("objects/pipe"), 0o600) == 0)
    try await withStore { store in
      #expect(
        try await store.list(prefix: "", after: nil, limit: 10).map(\.key.description) == ["real/x"]
      )
      for name in ["link", "folder/secret", "pipe", "folder", "real"] {
        let key = ObjectKey(trusted: name)
        #expect(try await store.head(key) == nil)
        #expect(
          await kind { () async throws(StoreError) in _ = try await store.get(key, range: nil) }
            == .notFound)
        try await store.delete(key)
        for mode in [PutMode.create, .replace] {
          let answer = await kind { () async throws(StoreError) in
            try await store.put(key, .bytes([1]), mode: mode, type: "x")
          }
          #expect(answer == .refused, "\(name) \(mode)")
        }
      }
      let below = ObjectKey(trusted: "real/x/below")
      #expect(
        await kind { () async throws(StoreError) in
          try await store.put(below, .bytes([1]), mode: .create, type: "x")
        } == .refused)
    }
    #expect(try scratch.names(in: "outside") == ["secret"])
    #expect(try scratch.names(in: "objects") == ["@temp", "folder", "link", "pipe", "real", "ä"])
    #expect(try scratch.names(in: "objects/@temp") == [])
  }

  @Test("many empty folders in front do not hide what comes behind them")
  func emptyFolders() async throws {
    for number in 0..<2200 {
      try FileManager.default.createDirectory(
        atPath: scratch.path("objects/\(10_000 + number)/a"), withIntermediateDirectories: true)
    }
    try scratch.write("x", to: "objects/11999/b")
    try scratch.write("x", to: "objects/z")
    try await withStore { store in
      let keys = try await store.list(prefix: "", after: nil, limit: 5).map(\.key.description)
      #expect(keys == ["11999/b", "z"])
    }
  }

  @Test("a file that becomes shorter while it is read is reported, not handed out short")
  func truncation() async throws {
    try await withStore { store in
      let key = ObjectKey(trusted: "short")
      try await store.put(
        key, .bytes([UInt8](repeating: 1, count: 1_000_000)), mode: .create, type: "x")
      let object = try await store.get(key, range: nil)
      #expect(truncate(scratch.path("objects/short"), 300_000) == 0)
      #expect(
        await kind { () async throws(StoreError) in
          _ = try await object.bytes(limitBytes: 2_000_000)
        } == .corrupt)
    }
  }

  @Test("a closed store is unavailable, and closing waits for what was begun")
  func closing() async throws {
    let store = try await open()
    let key = ObjectKey(trusted: "late")
    async let begun = kind { () async throws(StoreError) in
      try await store.put(
        key, .bytes([UInt8](repeating: 1, count: 5_000_000)), mode: .create, type: "x")
    }
    await store.close()
    await store.close()
    let stored = await begun == nil
    #expect(await kind { () async throws(StoreError) in try await store.ping() } == .unavailable)
    let again = try await open()
    #expect(try await again.head(key) != nil || !stored)
    await again.close()
  }

  @Test("a store that cannot be opened says why and where", arguments: ["file", "file/below"])
  func wrongRoot(name: String) async throws {
    try scratch.write("x", to: "file")
    do throws(StoreError) {
      _ = try await DirectoryObjectStore(root: scratch.path(name))
      Issue.record("opened a file as a directory")
    } catch {
      #expect(error.kind == .refused)
      #expect(error.message.contains(scratch.path(name)))
    }
  }

  private func open() async throws(StoreError) -> DirectoryObjectStore {
    try await DirectoryObjectStore(root: scratch.path("objects"))
  }

  private func withStore(_ work: (DirectoryObjectStore) async throws -> Void) async throws {
    let store = try await open()
    do {
      try await work(store)
      await store.close()
    } catch {
      await store.close()
      throw error
    }
  }
}

/// The kind of error that the work throws, `nil` when it throws none.
func kind(_ work: () async throws(StoreError) -> Void) async -> StoreError.Kind? {
  do throws(StoreError) {
    try await work()
    return nil
  } catch {
    return error.kind
  }
}
