// What SQLite does beyond the contract: durability, groups, limits, damage.

import ArchiveCore
import ArchiveTesting
import Dispatch
import Foundation
import Testing

@testable import EmbeddedStore

private let schema = CollectionSchema(
  "entries",
  indexes: [
    CollectionIndex(
      "bySeq", on: [.ascending("conversationId"), .ascending("seq")], kind: .unique),
    CollectionIndex("expiry", on: [.ascending("expires")], kind: .expiring),
  ])

private func entry(_ id: String, _ fields: [String: DocumentValue] = [:]) -> Document {
  Document(fields.merging(["id": .string(id)]) { $1 })
}

private func open(
  _ directory: String, _ clock: ManualSurroundings = ManualSurroundings(),
  _ change: (inout SQLiteSettings) -> Void = { _ in }
) async throws -> SQLiteDocumentStore {
  var settings = SQLiteSettings()
  change(&settings)
  let store = try SQLiteDocumentStore(
    directory: directory, surroundings: clock.surroundings, settings: settings)
  try await store.prepare([schema])
  return store
}

private func failure(_ body: () async throws -> Void) async -> StoreError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? StoreError
  }
}

/// Keeps the writer's thread busy until it is let go, so that writes pile up behind it.
private final class HeldWriter: Sendable {
  private let isHeld = DispatchSemaphore(value: 0)
  private let letGo = DispatchSemaphore(value: 0)

  func hold(_ store: SQLiteDocumentStore) async throws {
    let (isHeld, letGo) = (isHeld, letGo)
    try await store.write { _ in
      isHeld.signal()
      letGo.wait()
    }
  }

  func waitUntilHeld() async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        self.isHeld.wait()
        continuation.resume()
      }
    }
  }

  func release() { letGo.signal() }
}

@Suite("the SQLite document store")
struct SQLiteDocumentStoreTests {
  @Test("what was written is there after closing and opening again")
  func reopen() async throws {
    try await withTemporaryDirectory { directory in
      let first = try await open(directory)
      _ = try await first.insert([entry("a", ["n": 1])], into: "entries")
      await first.close()
      let second = try await open(directory)
      #expect(try await second.find(Query("entries", limit: 2)) == [entry("a", ["n": 1])])
      await second.close()
    }
  }

  @Test("a copy of the files taken while the store is open holds every returned write")
  func copied() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory + "/.")
      for number in 0..<20 { _ = try await store.insert([entry("e\(number)")], into: "entries") }
      let copy = directory + "/copy"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
      for name in ["archive.sqlite", "archive.sqlite-wal"] {
        try FileManager.default.copyItem(atPath: "\(directory)/\(name)", toPath: "\(copy)/\(name)")
      }
      let restored = try await open(copy)
      #expect(try await restored.count("entries", where: .everything) == 20)
      await restored.close()
      await store.close()
    }
  }

  @Test("only the owner may read the files")
  func fileMode() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory)
      for name in ["archive.sqlite", "archive.sqlite-wal", "archive.sqlite-shm"] {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
      await store.close()
    }
  }

  @Test("of writes that are committed together, those that fail undo themselves alone")
  func groupCommit() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory) { $0.writeQueueLimit = 64 }
      _ = try await store.insert([entry("taken", ["n": "text"])], into: "entries")
      let held = HeldWriter()
      async let holding: Void = held.hold(store)
      await held.waitUntilHeld()
      async let good = withTaskGroup(of: Int.self) { group in
        for number in 0..<8 {
          group.addTask {
            (try? await store.insert([entry("e\(number)")], into: "entries"))?.insertedCount ?? 0
          }
        }
        return await group.reduce(0, +)
      }
      async let bad = store.insert([entry("before"), entry("taken")], into: "entries")
      async let failing = failure {
        try await store.transact([
          .insert(entry("undone"), into: "entries"), .expect("entries", where: .nothing),
        ])
      }
      while store.waitingWriteCount < 10 { await Task.yield() }
      held.release()
      try await holding
      #expect(await good == 8)
      #expect(try await bad.failure?.index == "id")
      #expect(await failing?.kind == .conflict)
      #expect(try await store.count("entries", where: .everything) == 10)
      #expect(try await store.count("entries", where: .id("undone")) == 0)
      await store.close()
    }
  }

  @Test("a full queue refuses, and what it has is carried out")
  func queueFull() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory) { $0.writeQueueLimit = 2 }
      let held = HeldWriter()
      async let holding: Void = held.hold(store)
      await held.waitUntilHeld()
      async let first = store.insert([entry("a")], into: "entries")
      async let second = store.insert([entry("b")], into: "entries")
      while store.waitingWriteCount < 2 { await Task.yield() }
      let error = await failure { _ = try await store.insert([entry("c")], into: "entries") }
      #expect(error?.kind == .unavailable && error?.hint != nil)
      held.release()
      try await holding
      #expect(try await first.insertedCount == 1)
      #expect(try await second.insertedCount == 1)
      await store.close()
    }
  }

  @Test("closing finishes what waits and refuses what comes after")
  func closing() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory)
      let held = HeldWriter()
      async let holding: Void = held.hold(store)
      await held.waitUntilHeld()
      async let waiting = store.insert([entry("a")], into: "entries")
      while store.waitingWriteCount < 1 { await Task.yield() }
      async let closing: Void = store.close()
      held.release()
      try await holding
      #expect(try await waiting.insertedCount == 1)
      await closing
      #expect(await failure { try await store.ping() }?.kind == .unavailable)
      #expect(
        await failure { _ = try await store.insert([entry("b")], into: "entries") }?.kind
          == .unavailable)
      #expect(!FileManager.default.fileExists(atPath: directory + "/archive.sqlite-wal"))
    }
  }

  @Test("a full disk refuses writes, reads go on, and there is no harm once there is room")
  func diskFull() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory)
      let large = DocumentValue.string(String(repeating: "x", count: 100_000))
      try await store.write { (session) throws(StoreError) in
        try session.connection.run("PRAGMA max_page_count = 20")
      }
      _ = try await store.insert([entry("a")], into: "entries")
      let error = await failure {
        _ = try await store.insert([entry("b"), entry("c", ["v": large])], into: "entries")
      }
      #expect(error?.kind == .unavailable && error?.hint != nil)
      #expect(error?.description.contains("xxx") == false)
      #expect(try await store.count("entries", where: .everything) == 1)
      try await store.write { (session) throws(StoreError) in
        try session.connection.run("PRAGMA max_page_count = 100000")
      }
      #expect(
        try await store.insert([entry("b", ["v": large])], into: "entries").insertedCount == 1)
      await store.close()
    }
  }

  @Test("a second process that holds the file makes a write unavailable, not wrong")
  func busy() async throws {
    try await withTemporaryDirectory { directory in
      let one = try await open(directory)
      let two = try await open(directory) { $0.busyTimeoutMilliseconds = 20 }
      let held = HeldWriter()
      async let holding: Void = held.hold(one)
      await held.waitUntilHeld()
      let error = await failure { _ = try await two.insert([entry("a")], into: "entries") }
      #expect(error?.kind == .unavailable && error?.hint != nil)
      held.release()
      try await holding
      #expect(try await two.insert([entry("a")], into: "entries").insertedCount == 1)
      #expect(try await one.count("entries", where: .everything) == 1)
      await one.close()
      await two.close()
    }
  }

  @Test("expired documents are removed, others stay")
  func expiry() async throws {
    try await withTemporaryDirectory { directory in
      let clock = ManualSurroundings()
      let store = try await open(directory, clock)
      let now = clock.now
      _ = try await store.insert(
        [
          entry("old", ["expires": .time(now.advanced(by: .seconds(-1)))]),
          entry("now", ["expires": .time(now)]), entry("never"), entry("number", ["expires": 1]),
          entry("later", ["expires": .time(now.advanced(by: .seconds(60)))]),
        ], into: "entries")
      #expect(try await store.removeExpired(limit: 1) == 1)
      #expect(try await store.removeExpired(limit: 10) == 1)
      #expect(try await store.removeExpired(limit: 10) == 0)
      await clock.advance(by: .seconds(61))
      #expect(try await store.removeExpired(limit: 10) == 1)
      let left = try await store.find(Query("entries", limit: 9)).compactMap(\.id)
      #expect(left == ["never", "number"])
      await store.close()
    }
  }
}

@Suite("the SQLite document store's changes")
struct SQLiteChangeTests {
  @Test("a reader that is too slow hears what fitted and is then refused")
  func slowReader() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory) { $0.changeQueueLimit = 2 }
      let stream = try await store.changes(of: "entries", since: nil)
      _ = try await store.insert((0..<5).map { entry("e\($0)") }, into: "entries")
      var heard: [String?] = []
      let error = await failure {
        for try await change in stream { heard.append(change.document.id) }
      }
      #expect(heard == ["e0", "e1"])
      #expect(error?.kind == .refused)
      await store.close()
    }
  }

  @Test("a position that is too old or of another process is refused")
  func oldPosition() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory) { $0.keptChangesLimit = 2 }
      let stream = try await store.changes(of: "entries", since: nil)
      _ = try await store.insert((0..<9).map { entry("e\($0)") }, into: "entries")
      var positions: [ChangePosition] = []
      for try await change in stream {
        positions.append(change.position)
        if positions.count == 9 { break }
      }
      await store.expectRefusal(since: positions[0])
      var resumed = try await store.changes(of: "entries", since: positions[7]).makeAsyncIterator()
      #expect(try await resumed.next()?.document.id == "e8")
      let other = try await open(directory, ManualSurroundings(seed: 2))
      await other.expectRefusal(since: positions[8])
      await other.close()
      await store.close()
    }
  }

  @Test("closing the store ends the streams")
  func closing() async throws {
    try await withTemporaryDirectory { directory in
      let store = try await open(directory)
      let stream = try await store.changes(of: "entries", since: nil)
      await store.close()
      #expect(await failure { for try await _ in stream {} }?.kind == .unavailable)
    }
  }
}

extension SQLiteDocumentStore {
  fileprivate func expectRefusal(since position: ChangePosition) async {
    let error = await failure {
      for try await _ in try await changes(of: "entries", since: position) { break }
    }
    #expect(error?.kind == .refused)
  }
}
