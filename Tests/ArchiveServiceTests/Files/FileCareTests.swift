// What goes in the background, and what does not.

import ArchiveCore
import ArchiveTesting
import Logging
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct FileCareTests {
  /// Files on stores in memory, with a clock that the test moves.
  private struct Shelf {
    let clock = ManualSurroundings()
    let documents = InMemoryDocumentStore()
    let memory: InMemoryObjectStore
    let objects: SwitchedObjects
    let parts: FileParts
    let owner = UserID(ULID(high: 1, low: 1))

    init() throws {
      let clock = clock
      memory = InMemoryObjectStore(now: { clock.surroundings.now() })
      objects = SwitchedObjects(memory)
      try documents.prepare(ConversationLog.schemas + ArchiveService.schemas)
      parts = FileParts(
        Files(
          documents: documents, objects: objects, settings: ServiceSettings.Uploads(),
          surroundings: clock.surroundings,
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    var files: Files { parts.files }
    var care: FileCare { parts.care }

    func add(_ bytes: [UInt8] = [1, 2, 3]) async throws -> StoredFile {
      let id = StoredFile.newID(clock.surroundings)
      let chunks = ChunkOnce(bytes)
      let examined = try await files.storeBytes(of: id, mode: .create) { chunks.next() }
      return try await files.add(id, examined, name: "a", owner: owner)
    }

    func use(_ file: StoredFile, seq: Int64) async throws {
      try documents.transact(
        AttachFiles.steps(
          attaching: [file.id], to: seq, in: ConversationID(ULID(high: 3, low: 3))))
    }

    func unuse(_ file: StoredFile, seq: Int64) async throws {
      let uses = try await parts.attach.uses(of: seq, in: ConversationID(ULID(high: 3, low: 3)))
      try documents.transact(parts.attach.steps(detaching: uses))
    }

    func bytes() async throws -> Int64 {
      try await FileSpace.prepare(owner, in: documents).bytes
    }
  }

  @Test("E3 a file that no message used goes after a day, with its bytes and its space")
  func unused() async throws {
    let shelf = try Shelf()
    let (used, unused) = (try await shelf.add(), try await shelf.add())
    try await shelf.use(used, seq: 1)
    await shelf.clock.advance(by: .seconds(86_399))
    try await shelf.care.removeUnused()
    #expect(try await shelf.memory.keys("files/").count == 2)
    await shelf.clock.advance(by: .seconds(2))
    try await shelf.care.removeUnused()
    #expect(try await shelf.files.find(unused.id) == nil)
    #expect(try await shelf.files.find(used.id) != nil)
    #expect(try await shelf.memory.keys("files/") == ["files/\(used.id)"])
    #expect(try await shelf.bytes() == 3)
  }

  @Test("E3 a file whose last message is gone goes after a day, unless another took it")
  func looseAgain() async throws {
    let shelf = try Shelf()
    let file = try await shelf.add()
    try await shelf.use(file, seq: 1)
    await shelf.clock.advance(by: .seconds(200_000))
    try await shelf.unuse(file, seq: 1)
    try await shelf.care.removeUnused()
    #expect(try await shelf.files.find(file.id) != nil)
    try await shelf.use(file, seq: 2)
    await shelf.clock.advance(by: .seconds(90_000))
    try await shelf.care.removeUnused()
    #expect(try await shelf.files.find(file.id) != nil)
    try await shelf.unuse(file, seq: 2)
    await shelf.clock.advance(by: .seconds(90_000))
    try await shelf.care.removeUnused()
    #expect(try await shelf.files.find(file.id) == nil)
    #expect(try await shelf.bytes() == 0)
  }

  @Test("E3 S12 a deletion that was broken off is gone on with")
  func brokenOff() async throws {
    let shelf = try Shelf()
    let file = try await shelf.add()
    shelf.objects.refuse(below: "files/")
    await #expect(throws: StoreError.self) { () async throws in
      try await shelf.parts.handlers.remove.ifUnused(file)
    }
    #expect(try await shelf.files.find(file.id) == nil)
    #expect(try await shelf.memory.keys("files/").count == 1)
    shelf.objects.refuse(below: nil)
    await shelf.clock.advance(by: .seconds(61))
    try await shelf.care.removeUnused()
    #expect(try await shelf.memory.keys("files/").isEmpty)
    #expect(try shelf.documents.count("files", where: .everything) == 0)
    #expect(try await shelf.bytes() == 0)
    // Once is enough: the space is given back once.
    try await shelf.parts.handlers.remove.ifUnused(file)
    #expect(try await shelf.bytes() == 0)
  }

  @Test("E3 a use that comes in while a file is deleted wins, or finds it gone")
  func useWhileDeleted() async throws {
    let shelf = try Shelf()
    let file = try await shelf.add()
    // Read before the use, decided after it.
    try await shelf.use(file, seq: 1)
    #expect(try await shelf.parts.handlers.remove.ifUnused(file) == false)
    try await shelf.unuse(file, seq: 1)
    let fresh = try #require(try await shelf.files.find(file.id))
    #expect(try await shelf.parts.handlers.remove.ifUnused(fresh))
    await #expect(throws: StoreError.self) { try await shelf.use(file, seq: 2) }
  }

  @Test("E3 orphans are found in both directions, and nothing that is young is touched")
  func orphans() async throws {
    let shelf = try Shelf()
    var kept: [StoredFile] = []
    for _ in 0..<450 {
      let file = try await shelf.add()
      try await shelf.use(file, seq: 1)
      kept.append(file)
    }
    let lost = kept[200]
    try await shelf.memory.delete(FileKeys.object(lost.id))
    func put(_ key: String) async throws {
      try await shelf.memory.put(
        ObjectKey(trusted: key), .bytes([1]), mode: .create, type: "a/b")
    }
    let (old, piece) = (FileID(ULID(high: 5, low: 5)), FileID(ULID(high: 6, low: 6)))
    try await put("files/\(old)")
    try await put("files/no-id")
    try await put("uploads/\(piece)-0000000000000000000-x")
    await shelf.clock.advance(by: .seconds(86_401))
    try await put("files/\(piece)")
    try await put("uploads/\(piece)-0000000000000000009-x")
    let young = try await shelf.add()
    try await shelf.memory.delete(FileKeys.object(young.id))
    let youngest = shelf.clock.surroundings.now().advanced(by: .seconds(-86_400))
    let found = try await FileCensus.take(shelf.documents, shelf.memory, before: youngest)
    #expect(
      Set(found.orphans.map(\.description)) == [
        "files/\(old)", "files/no-id", "uploads/\(piece)-0000000000000000000-x",
      ])
    #expect(found.problems.map(\.object) == ["files/\(lost.id)"])
    try await shelf.care.removeOrphans()
    let left = try await shelf.memory.keys("files/")
    #expect(left.count == 450)
    #expect(!left.contains("files/\(old)") && left.contains("files/\(piece)"))
    #expect(try await shelf.memory.keys("uploads/").count == 1)
  }

  @Test("E1 uploads that are over go with their pieces")
  func expired() async throws {
    let shelf = try Shelf()
    let now = shelf.clock.surroundings.now()
    let upload = ResumableUpload(
      id: StoredFile.newID(shelf.clock.surroundings), ownerID: shelf.owner, length: 5, offset: 3,
      metadata: nil, createdAt: now, expiresAt: now.advanced(by: .seconds(86_400)))
    let key = UploadPiece.newKey(upload.id, 0, shelf.clock.surroundings)
    try await shelf.memory.put(key, .bytes([1, 2, 3]), mode: .create, type: "a/b")
    try await Collection(ResumableUpload.self, in: shelf.documents).insert(upload)
    try await Collection(UploadPiece.self, in: shelf.documents).insert(
      UploadPiece(uploadID: upload.id, offset: 0, sizeBytes: 3, key: key))
    try await shelf.care.removeExpired()
    #expect(try await shelf.memory.keys("uploads/").count == 1)
    await shelf.clock.advance(by: .seconds(86_400))
    try await shelf.care.removeExpired()
    #expect(try await shelf.memory.keys("uploads/").isEmpty)
    #expect(try shelf.documents.count("uploads", where: .everything) == 0)
    #expect(try shelf.documents.count("uploadPieces", where: .everything) == 0)
  }
}

/// A source of one chunk.
private final class ChunkOnce: Sendable {
  private let chunk: Mutex<[UInt8]?>

  init(_ bytes: [UInt8]) { chunk = Mutex(bytes) }

  func next() -> [UInt8]? {
    chunk.withLock { chunk in
      defer { chunk = nil }
      return chunk
    }
  }
}
