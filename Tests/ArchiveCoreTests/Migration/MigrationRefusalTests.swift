// What a migration refuses, and what it finds.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

@Suite("What a migration refuses", .timeLimit(.minutes(5)))
struct MigrationRefusalTests {
  private func refusal(_ fixture: MigrationFixture, key: AnchorKey = LogFixture.anchorKey)
    async throws -> StoreError
  {
    try #require(
      await #expect(throws: StoreError.self) {
        try await fixture.migration(key: key).begin().finish()
      })
  }

  @Test("J3 a target that holds a document of any kind is refused, and nothing is changed")
  func targetWithDocument() async throws {
    for schema in MigrationFixture.schemas {
      let fixture = try await MigrationFixture()
      try fixture.target.prepare(MigrationFixture.schemas)
      let foreign = Document(["id": .string("foreign")])
      _ = try fixture.target.insert([foreign], into: schema.name)
      let error = try await refusal(fixture)
      #expect(error.kind == .refused && error.message.contains("`\(schema.name)`"))
      #expect(try fixture.documents(schema.name, of: fixture.target) == [foreign])
      #expect(try await !ArchiveMigration.isUnfinished(in: fixture.target))
    }
  }

  @Test("J3 a target that holds an object is refused")
  func targetWithObject() async throws {
    let fixture = try await MigrationFixture()
    let key = ObjectKey(trusted: "packs/2020/01/01/foreign.jsonl.gz")
    try await fixture.targetObjects.put(key, .bytes([1]), mode: .create, type: "x/y")
    let error = try await refusal(fixture)
    #expect(error.kind == .refused && error.message.contains("\(key)"))
  }

  @Test("J3 an interrupted migration goes on from its own source alone")
  func otherSource() async throws {
    let fixture = try await MigrationFixture()
    try await fixture.dieAmongDocuments()
    let otherKey = try #require(AnchorKey(Array(repeating: 8, count: 32)))
    #expect(try await refusal(fixture, key: otherKey).message.contains("another source"))
    // A server that ran in between is the same as another source.
    try await fixture.source.send("one more")
    let error = try await refusal(fixture)
    #expect(error.message.contains("or from this one before it was changed"))
    #expect(error.hint?.contains("empty the target") == true)
  }

  @Test("J3 a finished target that was used since is refused, and left as it is")
  func usedTarget() async throws {
    let fixture = try await MigrationFixture()
    try await fixture.migrate()
    _ = try fixture.target.update(
      Update("accounts", where: .id("account 1"), [.set("email", .string("new"))]))
    let before = try fixture.documents("accounts", of: fixture.target)
    let error = try await refusal(fixture)
    #expect(error.kind == .refused && error.message.contains("was finished before"))
    #expect(try fixture.documents("accounts", of: fixture.target) == before)
    #expect(try await !ArchiveMigration.isUnfinished(in: fixture.target))
  }

  @Test("J3 the target of an unfinished migration is no source")
  func unfinishedSource() async throws {
    let fixture = try await MigrationFixture()
    try await fixture.dieAmongDocuments()
    let error = try #require(
      await #expect(throws: StoreError.self) {
        try await fixture.migration(from: fixture.target).begin()
      })
    #expect(error.kind == .refused && error.message.contains("was not finished"))
  }

  @Test("J3 a document that changed behind the copy is found and named")
  func changedSource() async throws {
    let fixture = try await MigrationFixture()
    try await fixture.dieAmongDocuments()
    _ = try await fixture.source.memory.update(
      Update("accounts", where: .id("account 1"), [.set("email", .string("new"))]))
    let error = try await refusal(fixture)
    #expect(error.kind == .conflict && error.message.contains("`accounts/account 1`"))
    #expect(try await ArchiveMigration.isUnfinished(in: fixture.target))
  }

  @Test("J3 another document with the same id in the target is found and named")
  func otherDocument() async throws {
    let fixture = try await MigrationFixture()
    try await fixture.dieAmongDocuments()
    let accounts = try fixture.documents("accounts", of: fixture.source.memory)
    let there = Set(try fixture.documents("accounts", of: fixture.target).compactMap(\.id))
    let next = accounts.first { !there.contains($0.id ?? "") }
    let id = try #require(next?.id ?? accounts.last?.id)
    _ = try fixture.target.delete("accounts", where: .id(id))
    _ = try fixture.target.insert([Document(["id": .string(id)])], into: "accounts")
    let error = try await refusal(fixture)
    #expect(error.kind == .conflict && error.message.contains("`accounts/\(id)`"))
  }

  @Test("J3 an altered object of the source stops the migration, and is not stored")
  func alteredSource() async throws {
    let fixture = try await MigrationFixture()
    let name = try #require(try await fixture.source.keys("conversations/").first)
    let key = ObjectKey(trusted: name)
    var bytes = try await fixture.source.objects.get(key, range: nil).bytes(limitBytes: 1 << 20)
    bytes[bytes.count / 2] ^= 1
    try await fixture.source.objects.put(key, .bytes(bytes), mode: .replace, type: "x/y")
    let error = try await refusal(fixture)
    #expect(error.kind == .corrupt && error.message.contains(name))
    #expect(try await fixture.targetObjects.head(key) == nil)
  }

  @Test("J3 an object that arrives otherwise than it was sent is found", arguments: [false, true])
  func alteredOnTheWay(isOrphan: Bool) async throws {
    let fixture = try await MigrationFixture()
    let keys = try await fixture.source.keys()
    let orphan = keys.firstIndex(of: "\(MigrationFixture.orphan)") ?? 0
    // Eight are under way at once, in any order: all of them are altered, or the orphan alone.
    let store = AlteringObjectStore(
      inner: fixture.targetObjects,
      alters: Set(isOrphan ? [keys[orphan]] : keys.filter { $0.hasPrefix("conversations/") }))
    let error = try #require(
      await #expect(throws: StoreError.self) {
        try await fixture.migration(to: store).begin().finish()
      })
    #expect([.corrupt, .conflict].contains(error.kind), "\(error)")
    #expect(try await ArchiveMigration.isUnfinished(in: fixture.target))
  }

  @Test("J3 a server that archives at the source keeps a migration from beginning")
  func heldSource() async throws {
    let fixture = try await MigrationFixture()
    let memory = fixture.source.memory
    try holdLease(memory)
    let times = Mutex<Int64>(1)
    var surroundings = fixture.clock.surroundings
    let sleep = surroundings.sleep
    surroundings.sleep = { duration in
      try await sleep(duration)
      // Somebody who lives renews.
      let time = times.withLock { time in
        time += 1
        return Timestamp(milliseconds: time)
      }
      _ = try await memory.update(
        Update("leases", where: .id("archive"), [.set("expiresAt", .time(time))]))
    }
    let error = try #require(
      await #expect(throws: StoreError.self) {
        try await migration(fixture, surroundings).begin()
      })
    #expect(error.kind == .refused && error.message.contains("a server archives"))
    #expect(try await !ArchiveMigration.isUnfinished(in: fixture.target))
  }

  @Test("J3 the lease of a server that was killed is waited for")
  func abandonedSource() async throws {
    let fixture = try await MigrationFixture()
    try holdLease(fixture.source.memory)
    try await fixture.migrate()
    try await fixture.expectMoved("after waiting")
  }

  @Test("J3 a migration ends when somebody takes the source's lease")
  func lostSource() async throws {
    let fixture = try await MigrationFixture()
    fixture.targetObjects.failNext(.put, .hold)
    let surroundings = fixture.clock.surroundings {
      await fixture.targetObjects.waitUntilHeld()
      _ = try? fixture.source.memory.update(
        Update("leases", where: .id("archive"), [.increment("fence", 1)]))
    }
    let begun = try await migration(fixture, surroundings).begin()
    let error = try #require(
      await #expect(throws: StoreError.self) { try await begun.finish() })
    #expect(error.kind == .refused && error.message.contains("lease of the source was lost"))
  }

  private func holdLease(_ memory: InMemoryDocumentStore) throws {
    _ = try memory.delete("leases", where: .everything)
    _ = try memory.insert(
      [
        Document([
          "id": .string("archive"), "holder": .string("a server"), "fence": .integer(3),
          "expiresAt": .time(Timestamp(milliseconds: 1)),
        ])
      ], into: "leases")
  }

  private func migration(_ fixture: MigrationFixture, _ surroundings: Surroundings)
    -> ArchiveMigration
  {
    var settings = fixture.source.settings
    settings.leaseLifetime = ImpatientClock.renewalPause * 4
    return ArchiveMigration(
      from: ArchiveMigration.Place(
        documents: fixture.source.memory, objects: fixture.source.objects),
      to: ArchiveMigration.Place(documents: fixture.target, objects: fixture.targetObjects),
      schemas: MigrationFixture.schemas, deploymentSchemas: [MigrationFixture.deployment],
      settings: settings, anchorKey: LogFixture.anchorKey,
      surroundings: surroundings)
  }
}

/// A store that alters what it is given under some keys, and says nothing.
private struct AlteringObjectStore: ObjectStore {
  let inner: any ObjectStore
  let alters: Set<String>

  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    try await inner.put(key, body, mode: mode, type: type)
    guard alters.contains(key.description) else { return }
    var bytes = try await inner.get(key, range: nil).bytes(limitBytes: 1 << 20)
    if bytes.isEmpty { bytes = [0] } else { bytes[0] ^= 1 }
    try await inner.put(key, .bytes(bytes), mode: .replace, type: type)
  }

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    try await inner.get(key, range: range)
  }
  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    try await inner.head(key)
  }
  func delete(_ key: ObjectKey) async throws(StoreError) { try await inner.delete(key) }
  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError)
    -> [ObjectInfo]
  {
    try await inner.list(prefix: prefix, after: after, limit: limit)
  }
  func ping() async throws(StoreError) { try await inner.ping() }
}
