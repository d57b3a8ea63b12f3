// Uses that break off, and those that go on for long.

import ArchiveCore
import ArchiveTesting
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing
import Uploads

@testable import ArchiveService

@Suite struct LinkCounterTests {
  @Test("A5 a download that breaks off is no use, and what is fetched in pieces is")
  func brokenOff() async throws {
    let desk = try await Desk(uses: 2)
    try await desk.send(breakingOffAfter: 60)
    #expect(try await desk.link().uses.counted == 0)
    #expect(try await desk.link().uses.unfinishedBytes == 60)
    #expect(try await desk.link().uses.places.isEmpty)
    // Another one that stops early has taken the file's length by now.
    try await desk.send(breakingOffAfter: 60)
    #expect(try await desk.link().uses.counted == 1)
    #expect(try await desk.link().uses.unfinishedBytes == 20)
    try await desk.send()
    #expect(try await desk.link().uses.counted == 2)
    await #expect(throws: ServiceError.self) { try await desk.send() }
  }

  @Test("A5 the place of a node that died is free when its time is over, and not before")
  func deadNodes() async throws {
    let desk = try await Desk(uses: 1)
    try await desk.counter.begin(try await desk.link(), "dead", desk.event)
    do {
      try await desk.send()
      Issue.record("two have the one use that is left")
    } catch let error as ServiceError {
      #expect(error.kind == .tooMany && error.retryAfter == .seconds(60))
    }
    await desk.clock.advance(by: .seconds(60))
    try await desk.send()
    #expect(try await desk.link().uses.counted == 1)
  }

  @Test("A5 a use that goes on keeps its place, and is cut off soon after the link is taken back")
  func longUses() async throws {
    let desk = try await Desk(uses: 1)
    var moments = 0
    // 100 pieces of 1 byte, 15 s each: far longer than a place lasts.
    await #expect(throws: ServiceError.self) {
      try await desk.send(chunks: 100) {
        moments += 1
        await desk.clock.advance(by: .seconds(15))
        if moments == 50 {
          do {
            try await desk.counter.begin(try await desk.link(), "other", desk.event)
            Issue.record("another has the place of a use that goes on")
          } catch {}
          try await desk.links.update(
            where: .everything,
            [.set("revokedAt", .time(desk.clock.now)), .increment("version", 1)])
        }
      }
    }
    #expect((50...53).contains(moments))
    #expect(try await desk.link().uses.counted == 0)
    #expect(try await desk.link().uses.places.isEmpty)
  }

  @Test("A5 a use whose object cannot be read gives its place back")
  func missingObjects() async throws {
    let desk = try await Desk(uses: 1)
    try await desk.objects.delete(FileKeys.object(desk.file.id))
    await #expect(throws: ServiceError.self) { try await desk.send() }
    #expect(try await desk.link().uses.places.isEmpty)
    #expect(try await desk.link().uses.counted == 0)
  }
}

/// One file of 100 bytes and one link to it, without a server.
private struct Desk: Sendable {
  let clock = ManualSurroundings()
  let documents = InMemoryDocumentStore()
  let objects = InMemoryObjectStore()
  let file: StoredFile
  let links: Collection<FileLink>
  let counter: LinkCounter
  private let id: LinkID
  private let open: OpenLink
  private let settings = ServiceSettings.Links()

  let event = AuditEvent(.linkUsed)

  init(uses: Int) async throws {
    let surroundings = clock.surroundings
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    try documents.prepare(ArchiveService.schemas)
    let marking = ArchiveService.marking(documents, surroundings: surroundings)
    let owner = try await CreateUser(
      documents: marking, settings: TestServer.settings(), surroundings: surroundings)(
        email: "ada@example.org", name: "Ada", password: Person.password, role: .customer)
    file = StoredFile(
      id: StoredFile.newID(surroundings), ownerID: owner.id, name: "x",
      content: SniffedContent(.unknown), sizeBytes: 100, sha256: "00", width: nil, height: nil,
      createdAt: surroundings.now())
    try await Collection(StoredFile.self, in: marking).insert(file)
    try await objects.put(
      FileKeys.object(file.id), .bytes(Array(repeating: 7, count: 100)), mode: .create, type: "x")
    links = Collection(in: documents)
    let token = LinkToken(random: surroundings.randomBytes(LinkToken.randomBytes))
    let now = surroundings.now()
    let link = FileLink(
      id: LinkID(surroundings.newID()), tokenHash: token.hash, fileID: file.id, creatorID: owner.id,
      sessionID: SessionID(surroundings.newID()), createdAt: now,
      expiresAt: now.advanced(by: .seconds(86_400)), uses: LinkUses(limit: uses), revokedAt: nil,
      version: 0, forgetAt: now.advanced(by: .seconds(86_400 * 30)))
    try await links.insert(link)
    id = link.id
    counter = LinkCounter(
      documents: marking,
      audit: AuditLog(documents: marking, settings: .init(), surroundings: surroundings),
      settings: settings, surroundings: surroundings, logger: logger)
    open = Self.opening(marking, objects, surroundings)
  }

  /// As the server has it, without pictures and a scanner.
  private static func opening(
    _ marking: any DocumentStore, _ objects: any ObjectStore, _ surroundings: Surroundings
  ) -> OpenLink {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let auth = TestServer.settings().auth
    let callers = Callers(
      tokens: AccessTokens(
        keys: SigningKeys(
          documents: marking, settings: auth, surroundings: surroundings, logger: logger),
        settings: auth, surroundings: surroundings),
      documents: marking,
      presence: SessionPresence(
        documents: marking, settings: auth, surroundings: surroundings, logger: logger),
      settings: auth, surroundings: surroundings)
    let files = Files(
      documents: marking, objects: objects, settings: .init(), surroundings: surroundings,
      logger: logger)
    return OpenLink(
      links: Collection(in: marking), tokens: MemberTokens(secret: auth.secret),
      rights: LinkRights(
        files: files,
        users: Collection(in: marking), callers: callers),
      desk: PictureDesk(files: files, maker: nil, settings: .init(), logger: logger),
      scan: FileScan(
        files: files, scanner: nil,
        audit: AuditLog(documents: marking, settings: .init(), surroundings: surroundings),
        settings: .init()),
      now: surroundings.now)
  }

  func link() async throws -> FileLink {
    try #require(try await links.find(id: id.description))
  }

  /// Sends the file to a connection that takes it, or breaks off after so many bytes; `between` pieces something may
  /// happen.
  func send(
    breakingOffAfter limit: Int = .max, chunks: Int = 10,
    between: @escaping () async throws -> Void = {}
  ) async throws {
    let link = try await link()
    let opened = OpenedFile(
      right: .link(link), file: file, variant: .original,
      served: try #require(file.served(.original, asSent: true)),
      life: link.life(at: clock.now), wantsAttachment: false)
    let sending = SendFile(
      objects: PiecewiseStore(inner: objects, pieces: chunks), open: open, counter: counter,
      direct: nil,
      settings: settings, surroundings: clock.surroundings)
    let body = try await sending.body(of: opened, nil, event)
    do {
      try await body.write(TestWriter(room: limit, between: between))
    } catch is BrokenOff {}
  }
}

private struct BrokenOff: Error {}

/// Takes bytes as a connection does.
private struct TestWriter: ResponseBodyWriter {
  var room: Int
  let between: () async throws -> Void

  mutating func write(_ buffer: ByteBuffer) async throws {
    guard room >= buffer.readableBytes else { throw BrokenOff() }
    room -= buffer.readableBytes
    try await between()
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Hands out objects in so many pieces.
private struct PiecewiseStore: ObjectStore {
  let inner: InMemoryObjectStore
  let pieces: Int

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    let object = try await inner.get(key, range: range)
    let bytes = try await object.bytes(limitBytes: 1 << 20)
    let size = max(1, bytes.count / pieces)
    let place = Mutex(0)
    return StoredObject(info: object.info) {
      let start = place.withLock { start in
        defer { start += size }
        return start
      }
      return start < bytes.count ? Array(bytes[start..<min(start + size, bytes.count)]) : nil
    }
  }

  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  { try await inner.put(key, body, mode: mode, type: type) }
  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await inner.head(key) }
  func delete(_ key: ObjectKey) async throws(StoreError) { try await inner.delete(key) }
  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError) -> [ObjectInfo]
  { try await inner.list(prefix: prefix, after: after, limit: limit) }
  func ping() async throws(StoreError) { try await inner.ping() }
}
