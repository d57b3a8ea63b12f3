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

  static let anchorKey = AnchorKey(Array(repeating: 7, count: 32)).unsafelyUnwrapped

  init(
    _ settings: LogSettings = LogSettings(),
    reached: @escaping @Sendable (FaultPoint) async -> Void = { _ in }
  ) async throws {
    let memory = InMemoryDocumentStore()
    try memory.prepare(ConversationLog.schemas)
    self.init(
      memory: memory, objects: FaultyObjectStore(InMemoryObjectStore()),
      clock: ManualSurroundings(), settings: settings, reached: reached)
  }

  private init(
    memory: InMemoryDocumentStore, objects: FaultyObjectStore, clock: ManualSurroundings,
    settings: LogSettings, reached: @escaping @Sendable (FaultPoint) async -> Void
  ) {
    (self.memory, self.objects, self.clock, self.settings) = (memory, objects, clock, settings)
    documents = FaultyDocumentStore(memory)
    var surroundings = clock.surroundings
    surroundings.reached = reached
    sender = UserID(ULID(high: 1, low: 1))
    log = ConversationLog(
      documents: documents, objects: objects, settings: settings, anchorKey: Self.anchorKey,
      surroundings: surroundings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// A new process on the same stores: what was only in memory is gone.
  func reopened(settings: LogSettings? = nil) -> LogFixture {
    LogFixture(
      memory: memory, objects: objects, clock: clock, settings: settings ?? self.settings,
      reached: { _ in })
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
