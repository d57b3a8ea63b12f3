// A log on in-memory stores with a clock that the test moves.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

/// Everything a test of the log needs; `reopened()` is the same stores after the process died.
struct LogFixture: Sendable {
  let memory: InMemoryDocumentStore
  let documents: FaultyDocumentStore
  let objects: FaultyObjectStore
  let clock: ManualSurroundings
  let settings: LogSettings
  let log: ConversationLog
  let sender: UserID
  /// Collections of a service that the log keeps in snapshots.
  let others: [CollectionSchema]

  static let anchorKey = AnchorKey(Array(repeating: 7, count: 32)).unsafelyUnwrapped

  init(
    _ settings: LogSettings = LogSettings(), isShared: Bool = false,
    others: [CollectionSchema] = [],
    reached: @escaping @Sendable (FaultPoint) async -> Void = { _ in }
  ) async throws {
    let memory = InMemoryDocumentStore(isShared: isShared)
    try memory.prepare(ConversationLog.schemas + others)
    let clock = ManualSurroundings()
    self.init(
      memory: memory, objects: FaultyObjectStore(InMemoryObjectStore { clock.now }), clock: clock,
      settings: settings, others: others, reached: reached)
  }

  private init(
    memory: InMemoryDocumentStore, objects: FaultyObjectStore, clock: ManualSurroundings,
    settings: LogSettings, others: [CollectionSchema], clockAhead: Duration = .zero,
    reached: @escaping @Sendable (FaultPoint) async -> Void
  ) {
    (self.memory, self.objects, self.clock, self.settings) = (memory, objects, clock, settings)
    self.others = others
    documents = FaultyDocumentStore(memory)
    var surroundings = clock.surroundings
    surroundings.reached = reached
    surroundings.now = { clock.now.advanced(by: clockAhead) }
    sender = UserID(ULID(high: 1, low: 1))
    log = ConversationLog(
      documents: documents, objects: objects, snapshotting: others.map(\.name), settings: settings,
      anchorKey: Self.anchorKey, surroundings: surroundings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// A new process on the same stores, or on other documents: what was only in memory is gone.
  func reopened(settings: LogSettings? = nil, on documents: InMemoryDocumentStore? = nil)
    -> LogFixture
  {
    node(settings: settings, on: documents)
  }

  /// Another process on the same stores, with a wall clock that may be wrong.
  func node(
    settings: LogSettings? = nil, clockAhead: Duration = .zero,
    on documents: InMemoryDocumentStore? = nil,
    reached: @escaping @Sendable (FaultPoint) async -> Void = { _ in }
  ) -> LogFixture {
    LogFixture(
      memory: documents ?? memory, objects: objects, clock: clock,
      settings: settings ?? self.settings, others: others, clockAhead: clockAhead,
      reached: reached)
  }

  func conversation(_ number: UInt64 = 1) -> ConversationID {
    ConversationID(ULID(high: 7, low: number))
  }

  @discardableResult
  func send(_ text: String, to conversation: ConversationID? = nil, clientID: String? = nil)
    async throws -> Entry
  {
    try await log.append(
      EntryDraft(
        .message, in: conversation ?? self.conversation(), by: sender, text: text,
        clientID: clientID)
    ).entry
  }

  func texts(_ conversation: ConversationID? = nil) async throws -> [String?] {
    try await allMessages(conversation).map(\.text)
  }

  /// Every message, read forwards in pages.
  func allMessages(_ conversation: ConversationID? = nil, limit: Int = 7) async throws -> [Message]
  {
    var messages: [Message] = []
    var place: LogPlace? = .after(0)
    while let here = place {
      let page = try await log.messages(
        in: conversation ?? self.conversation(), at: here, limit: limit)
      messages += page.messages
      place = page.next
    }
    return messages
  }

  /// Every message, read backwards in pages, put in rising order.
  func allMessagesBackwards(_ conversation: ConversationID? = nil, limit: Int = 7) async throws
    -> [Message]
  {
    var messages: [Message] = []
    var place: LogPlace? = .end
    while let here = place {
      let page = try await log.messages(
        in: conversation ?? self.conversation(), at: here, limit: limit)
      messages = page.messages + messages
      place = page.next
    }
    return messages
  }

  func verify() async throws -> VerificationReport {
    // Not the moved clock: an attempt after a finding sleeps.
    var surroundings = clock.surroundings
    surroundings.sleep = { _ in }
    return try await ArchiveVerifier(
      documents: memory, objects: objects, settings: settings, anchorKey: Self.anchorKey,
      surroundings: surroundings
    ).verify(nil)
  }

  /// Keys of all objects.
  func keys(_ prefix: String = "") async throws -> [String] {
    try await objects.list(prefix: prefix, after: nil, limit: 1000).map(\.key.description)
  }

  /// Runs the background work while `body` moves the clock.
  func whileRunning(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await log.run() }
      await clock.waitForSleepers(1)
      try await body()
      group.cancelAll()
    }
  }
}
