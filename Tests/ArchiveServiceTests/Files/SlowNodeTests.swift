// A node that makes the file of a resumable upload slowly, while others go on.

import ArchiveCore
import ArchiveTesting
import Logging
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct SlowNodeTests {
  /// Two nodes on one database and one object store. The slow one stops at its first call of a kind, until the test did
  /// what it wants to have done meanwhile.
  private struct TwoNodes {
    let clock = ManualSurroundings()
    let interposed = InterposedStore(InMemoryDocumentStore())
    let objects: InMemoryObjectStore
    let slow: FileParts
    let other: FileParts
    let upload: ResumableUpload

    static let bytes = (0..<9).map { UInt8($0) }

    /// - Parameter quotaBytes: of the slow node.
    init(quotaBytes: Int = 1 << 30) async throws {
      let clock = clock
      let documents = interposed.inner
      objects = InMemoryObjectStore(now: { clock.surroundings.now() })
      try await documents.prepare(ConversationLog.schemas + ArchiveService.schemas)
      var settings = ServiceSettings.Uploads()
      other = Self.node(documents, objects, settings, clock)
      settings.quotaBytes = quotaBytes
      slow = Self.node(interposed, objects, settings, clock)
      let now = clock.surroundings.now()
      upload = ResumableUpload(
        id: StoredFile.newID(clock.surroundings), ownerID: UserID(ULID(high: 1, low: 1)),
        length: Int64(Self.bytes.count), offset: Int64(Self.bytes.count), metadata: nil,
        createdAt: now, expiresAt: now.advanced(by: .seconds(3600)))
      try await Collection(ResumableUpload.self, in: documents).insert(upload)
      for start in stride(from: 0, to: Self.bytes.count, by: 3) {
        let key = UploadPiece.newKey(upload.id, Int64(start), clock.surroundings)
        try await objects.put(
          key, .bytes(Array(Self.bytes[start..<start + 3])), mode: .create, type: "a/b")
        try await Collection(UploadPiece.self, in: documents).insert(
          UploadPiece(uploadID: upload.id, offset: Int64(start), sizeBytes: 3, key: key))
      }
    }

    private static func node(
      _ documents: any DocumentStore, _ objects: any ObjectStore,
      _ settings: ServiceSettings.Uploads, _ clock: ManualSurroundings
    ) -> FileParts {
      FileParts(
        Files(
          documents: documents, objects: objects, settings: settings,
          surroundings: clock.surroundings,
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// The slow node makes the file; at the moment something else happens, once.
    func completeSlowly(_ moment: Moment, _ event: @escaping @Sendable () async throws -> Void)
      async -> Result<Bool, any Error>
    {
      let failure = Mutex<(any Error)?>(nil)
      let isOver = Mutex(false)
      let once: @Sendable () async -> Void = {
        guard
          isOver.withLock({ value in
            defer { value = true }; return !value
          })
        else { return }
        do { try await event() } catch { failure.withLock { $0 = error } }
      }
      interposed.beforeFind { query in
        if moment == .reading, query.collection == UploadPiece.schema.name { await once() }
      }
      interposed.beforeTransact { steps in
        if moment == .writing, steps.count > 1 { await once() }
      }
      let outcome: Result<Bool, any Error>
      do { outcome = .success(try await slow.care.complete(upload)) } catch {
        outcome = .failure(error)
      }
      let (hasCome, problem) = (isOver.withLock { $0 }, failure.withLock { $0 })
      #expect(hasCome, "the moment never came")
      #expect(problem == nil)
      return outcome
    }

    func expectNothing() async throws {
      #expect(try await other.files.find(upload.id) == nil)
      #expect(try await objects.keys("").isEmpty)
      let space = try await FileSpace.prepare(upload.ownerID, in: interposed.inner)
      #expect(space.bytes == 0)
      let census = try await FileCensus.take(
        interposed.inner, objects, before: clock.surroundings.now().advanced(by: .seconds(1)))
      #expect(census.orphans.isEmpty && census.problems.isEmpty)
    }

    func expectTheFile() async throws {
      let file = try #require(try await other.files.find(upload.id))
      #expect(file.sizeBytes == Int64(Self.bytes.count))
      let object = try await objects.get(FileKeys.object(upload.id), range: nil)
      #expect(try await object.bytes(limitBytes: 100) == Self.bytes)
      #expect(try await objects.keys("").count == 1)
      let space = try await FileSpace.prepare(upload.ownerID, in: interposed.inner)
      #expect(space.bytes == Int64(Self.bytes.count))
    }
  }

  /// When something else happens to the upload.
  enum Moment: CaseIterable, Sendable {
    /// Before the slow node looks which pieces there are.
    case reading
    /// Behind the put of the bytes, before the document is written.
    case writing
  }

  @Test(
    "E1 E3 an upload that is ended while a slow node makes its file is no file, and leaves nothing",
    arguments: Moment.allCases, [false, true])
  func ended(moment: Moment, isSwept: Bool) async throws {
    let nodes = try await TwoNodes()
    let outcome = await nodes.completeSlowly(moment) {
      if isSwept {
        await nodes.clock.advance(by: .seconds(3601))
        try await nodes.other.care.removeExpired()
      } else {
        try await nodes.other.care.complete.end(nodes.upload)
      }
    }
    let error = #expect(throws: ServiceError.self) { try outcome.get() }
    #expect(error?.kind == .gone)
    try await nodes.expectNothing()
  }

  @Test(
    "E1 a file that a faster node made stays as it is, whatever the slow one finds",
    arguments: Moment.allCases)
  func faster(moment: Moment) async throws {
    let nodes = try await TwoNodes()
    let outcome = await nodes.completeSlowly(moment) { () async throws in
      #expect(try await nodes.other.care.complete(nodes.upload))
    }
    #expect(try outcome.get())
    try await nodes.expectTheFile()
  }

  @Test(
    "E3 a file that a faster node made, and that was deleted since, does not come back",
    arguments: Moment.allCases)
  func deleted(moment: Moment) async throws {
    let nodes = try await TwoNodes()
    let outcome = await nodes.completeSlowly(moment) {
      try await nodes.other.care.complete(nodes.upload)
      let file = try #require(try await nodes.other.files.find(nodes.upload.id))
      #expect(try await nodes.other.care.remove.ifUnused(file))
    }
    #expect(try outcome.get())
    try await nodes.expectNothing()
  }

  @Test("E1 a node that finds no room for an upload takes nothing from one that found some")
  func room() async throws {
    let nodes = try await TwoNodes(quotaBytes: TwoNodes.bytes.count)
    let outcome = await nodes.completeSlowly(.writing) {
      // Another file of the user is there for the moment in which the slow node writes.
      let space = FileSpace.giving(-1, to: nodes.upload.ownerID)
      try await nodes.interposed.inner.transact([space])
      nodes.interposed.beforeFind { query in
        guard query.collection == ResumableUpload.schema.name else { return }
        nodes.interposed.beforeFind { _ in }
        await #expect(throws: Never.self) {
          try await nodes.interposed.inner.transact([
            FileSpace.giving(1, to: nodes.upload.ownerID)
          ])
          try await nodes.other.care.complete(nodes.upload)
        }
      }
    }
    #expect(try outcome.get())
    try await nodes.expectTheFile()
  }

  @Test("E1 an upload for which there is no room ends, with all its bytes")
  func noRoom() async throws {
    let nodes = try await TwoNodes(quotaBytes: TwoNodes.bytes.count)
    let outcome = await nodes.completeSlowly(.writing) {
      try await nodes.interposed.inner.transact([FileSpace.giving(-1, to: nodes.upload.ownerID)])
    }
    let error = #expect(throws: ServiceError.self) { try outcome.get() }
    #expect(error?.kind == .tooLarge)
    try await nodes.interposed.inner.transact([FileSpace.giving(1, to: nodes.upload.ownerID)])
    try await nodes.expectNothing()
    let uploads = Collection(ResumableUpload.self, in: nodes.interposed.inner)
    #expect(try await uploads.find(id: nodes.upload.id.description)?.isTerminated == true)
  }
}
