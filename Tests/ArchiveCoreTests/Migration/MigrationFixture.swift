// A deployment with something of everything, and empty stores to move it to.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

/// The source is a log with packs, segments, edits, an orphan and something buffered, and a collection of the
/// service's; the target is empty.
struct MigrationFixture: Sendable {
  let source: LogFixture
  private(set) var target = InMemoryDocumentStore()
  private(set) var targetObjects = FaultyObjectStore(InMemoryObjectStore())
  let clock: ImpatientClock

  static let deployment = CollectionSchema("deployment")
  static let accounts = CollectionSchema(
    "accounts", indexes: [CollectionIndex("emails", on: [.ascending("email")], kind: .unique)])
  static let schemas = ConversationLog.schemas + [accounts, deployment]
  /// Those of which every document is to arrive.
  static let copied = schemas.filter { !["leases", "deployment"].contains($0.name.description) }
  static let orphan = ObjectKey(trusted: "packs/2026/01/01/left-behind.jsonl.gz")

  init(seed: UInt64 = 1) async throws {
    var random = SeededGenerator(seed: seed)
    source = try await LogFixture(HistoryTests.smallPieces)
    clock = ImpatientClock(source.clock)
    try source.memory.prepare(Self.schemas)
    try await insert(
      [Document(["id": .string("keys"), "anchor": .string("of the source")])], "deployment")
    try await insert(
      (1...random.int(1...9)).map { number in
        Document([
          "id": .string("account \(number)"), "email": .string("e\u{301} \(number)"),
          "tags": .array([.string("x"), .integer(Int64(number)), .object(["at": .time(clock.now)])]
          ),
        ])
      }, "accounts")
    for _ in 0..<random.int(2...4) {
      for number in 1...3 {
        for index in 0..<random.int(1...12) {
          try await source.send(
            "message \(index)", to: source.conversation(UInt64(number)),
            clientID: random.oneIn(2) ? "client \(random.next())" : nil)
        }
      }
      try await edit(&random)
      try await source.log.flush(nil)
    }
    try await source.log.archiveDue()
    try await source.send("still buffered", clientID: "the last")
    try await source.objects.put(
      Self.orphan, .bytes(Array(repeating: 9, count: random.int(0...70_000))), mode: .create,
      type: "application/gzip")
  }

  private func edit(_ random: inout SeededGenerator) async throws {
    _ = try await source.log.append(
      EntryDraft(
        .edit, in: source.conversation(), by: source.sender,
        text: "edited \(random.next())", target: 1))
  }

  private func insert(_ documents: [Document], _ collection: CollectionName) async throws {
    let outcome = try source.memory.insert(documents, into: collection)
    #expect(outcome.insertedCount == documents.count)
  }

  /// The same source, and another target, empty.
  func withOtherTarget() -> MigrationFixture {
    var other = self
    (other.target, other.targetObjects) = (
      InMemoryDocumentStore(), FaultyObjectStore(InMemoryObjectStore())
    )
    return other
  }

  /// A migration by a process that dies with the fuse.
  func migration(
    _ fuse: Fuse? = nil, from documents: (any DocumentStore)? = nil,
    to objects: (any ObjectStore)? = nil, key: AnchorKey = LogFixture.anchorKey
  ) -> ArchiveMigration {
    let fuse = fuse ?? Fuse(.max)
    var settings = source.settings
    settings.leaseLifetime = ImpatientClock.renewalPause * 4
    return ArchiveMigration(
      from: ArchiveMigration.Place(
        documents: DyingDocumentStore(inner: documents ?? source.memory, fuse: fuse),
        objects: DyingObjectStore(inner: source.objects, fuse: fuse)),
      to: ArchiveMigration.Place(
        documents: DyingDocumentStore(inner: target, fuse: fuse),
        objects: DyingObjectStore(inner: objects ?? targetObjects, fuse: fuse)),
      schemas: Self.schemas, deploymentSchemas: [Self.deployment], settings: settings,
      anchorKey: key, pageLimit: 3, surroundings: clock.surroundings)
  }

  @discardableResult
  func migrate(_ fuse: Fuse? = nil) async throws -> MigrationReport {
    try await migration(fuse).begin().finish()
  }

  /// A migration that dies somewhere in the middle, with the objects copied and some documents.
  func dieAmongDocuments() async throws {
    for length in stride(from: 40, to: 2000, by: 7) {
      await #expect(throws: StoreError.self) { try await migrate(Fuse(length)) }
      if try !documents("accounts", of: target).isEmpty { return }
    }
    Issue.record("no migration came to the documents")
  }

  func documents(_ collection: CollectionName, of store: InMemoryDocumentStore) throws
    -> [Document]
  {
    try store.find(Query(collection, sort: [.ascending("id")], limit: 100_000))
  }

  /// Source and target hold the same, and the target is a whole archive.
  func expectMoved(_ comment: Comment) async throws {
    for schema in Self.copied {
      let originals = try documents(schema.name, of: source.memory)
      #expect(try documents(schema.name, of: target) == originals, comment)
    }
    for key in try await source.keys() {
      let key = ObjectKey(trusted: key)
      let original = try await source.objects.get(key, range: nil).bytes(limitBytes: 1 << 20)
      let copy = try await targetObjects.get(key, range: nil).bytes(limitBytes: 1 << 20)
      #expect(original == copy, comment)
    }
    let count = try await targetObjects.list(prefix: "", after: nil, limit: 1000).count
    #expect(try await source.keys().count == count, comment)
    #expect(try documents("deployment", of: target).isEmpty, comment)
    #expect(try await !ArchiveMigration.isUnfinished(in: target), comment)
  }
}

/// A clock on which short waits pass at once, and that between two renewals of a lease never does.
struct ImpatientClock: Sendable {
  private let clock: ManualSurroundings
  private let waited = Elapsed()
  /// A quarter of the lease's lifetime, and no other wait.
  static let renewalPause = Duration.milliseconds(12_001)

  init(_ clock: ManualSurroundings) { self.clock = clock }

  var now: Timestamp { clock.now }

  var surroundings: Surroundings {
    surroundings {
      while !Task.isCancelled { try? await clock.surroundings.sleep(.seconds(1 << 30)) }
    }
  }

  /// - Parameter renewalPause: what happens while the lease waits for its renewal.
  func surroundings(renewalPause: @escaping @Sendable () async -> Void) -> Surroundings {
    var surroundings = clock.surroundings
    surroundings.uptime = { [waited] in waited.value }
    surroundings.sleep = { [waited] duration in
      if duration == Self.renewalPause { await renewalPause() }
      try Task.checkCancellation()
      waited.add(duration)
    }
    return surroundings
  }
}

/// Time that passed. The mutex guards it.
private final class Elapsed: Sendable {
  private let sum = Mutex(Duration.zero)

  var value: Duration { sum.withLock { $0 } }
  func add(_ duration: Duration) { sum.withLock { $0 += duration } }
}
