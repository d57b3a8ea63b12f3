// A gateway on in-memory stores, with a clock that the test moves.

import ArchiveCore
import ArchiveTesting
import Logging
import Synchronization
import Testing

@testable import ArchiveService
@testable import RealtimeTransport

/// One node: gateway, log, stores. `node()` is another on the same stores.
struct LiveTown: Sendable {
  let memory: InMemoryDocumentStore
  let documents: FaultyDocumentStore
  let clock: ManualSurroundings
  let log: ConversationLog
  let ends: SessionEnds
  let sender: RecordingSockets
  let gateway: RealtimeGateway
  let settings: ServiceSettings
  private let lastSocket = LastNumber()

  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init(isShared: Bool = false, _ change: (inout ServiceSettings.Realtime) -> Void = { _ in })
    async throws
  {
    let memory = InMemoryDocumentStore(isShared: isShared)
    try memory.prepare(ConversationLog.schemas + ArchiveService.schemas)
    var settings = ServiceSettings()
    settings.realtime.window = .seconds(1)
    change(&settings.realtime)
    self.init(memory, ManualSurroundings(), settings)
  }

  private init(
    _ memory: InMemoryDocumentStore, _ clock: ManualSurroundings, _ settings: ServiceSettings
  ) {
    (self.memory, self.clock, self.settings) = (memory, clock, settings)
    documents = FaultyDocumentStore(memory)
    log = ConversationLog(
      documents: documents, objects: InMemoryObjectStore(), settings: LogSettings(),
      anchorKey: AnchorKey(Array(repeating: 7, count: 32)).unsafelyUnwrapped,
      surroundings: clock.surroundings, logger: Self.silent)
    ends = SessionEnds()
    sender = RecordingSockets()
    gateway = RealtimeGateway(
      RealtimeGateway.Surrounding(
        documents: documents, log: log, ends: ends, sessionPresence: nil, settings: settings,
        surroundings: clock.surroundings, logger: Self.silent),
      sender: sender)
  }

  /// Another process on the same stores.
  func node() -> LiveTown { LiveTown(memory, clock, settings) }

  /// Runs gateway and log while the body runs.
  func run(_ body: () async throws -> Void) async throws {
    try await Self.run([self], body)
  }

  static func run(_ towns: [LiveTown], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for town in towns {
        group.addTask { await town.log.run() }
        group.addTask { await town.gateway.run() }
      }
      for town in towns {
        await eventually {
          guard town.log.measurements.isFollowing else { return false }
          // Who begins to follow may have missed something, and sends everybody away once.
          guard town.memory.isShared else { return true }
          let interruptions = await town.gateway.measurements.interruptions
          return interruptions > 0 && town.documents.callCount(.changes) >= 3
        }
      }
      await towns[0].clock.waitForSleepers(2 * towns.count)
      do {
        try await body()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
  }

  /// Lets seconds pass until the claim holds, and records an issue where it does not within a minute: what another node
  /// is to hear takes tasks that do not sleep, so nobody can tell in which second it hears.
  func passing(
    sourceLocation: SourceLocation = #_sourceLocation, _ claim: () async throws -> Bool
  ) async rethrows {
    for _ in 0..<60 {
      if try await claim() { return }
      await clock.advance(by: .seconds(1))
    }
    Issue.record("this did not come to hold in a minute", sourceLocation: sourceLocation)
  }

  // MARK: People

  static func user(_ number: UInt64) -> UserID { UserID(ULID(high: 1, low: number)) }
  func user(_ number: UInt64) -> UserID { Self.user(number) }

  func caller(_ user: UInt64, session: UInt64? = nil, role: Role = .customer) -> Caller {
    Caller(
      userID: self.user(user), sessionID: SessionID(ULID(high: 2, low: session ?? user)),
      role: role)
  }

  /// A socket of a user, let in.
  func connect(
    _ user: UInt64, session: UInt64? = nil, role: Role = .customer,
    tokenFor lifetime: Duration = .seconds(900)
  ) async throws -> SocketID {
    let socket = SocketID(shard: 0, number: lastSocket.next())
    try await gateway.admit(
      socket, caller(user, session: session, role: role), from: nil,
      tokenExpiry: clock.now.advanced(by: lifetime))
    return socket
  }

  func disconnect(_ socket: SocketID) async { await gateway.remove(socket) }

  // MARK: Conversations

  func conversation(_ number: UInt64 = 1) -> ConversationID {
    ConversationID(ULID(high: 7, low: number))
  }

  /// A group of these, the first its owner.
  @discardableResult
  func group(_ number: UInt64 = 1, of users: [UInt64]) async throws -> ConversationID {
    let id = conversation(number)
    for (index, number) in users.enumerated() {
      try await insert(
        Member(user(number), of: id, .group, role: index == 0 ? .owner : .member, at: clock.now))
    }
    return id
  }

  private func insert(_ member: Member) async throws {
    try await documents.transact([.insert(try member.document(), into: Member.schema.name)])
  }

  @discardableResult
  func say(
    _ text: String, as user: UInt64 = 1, in id: ConversationID? = nil, clientID: String? = nil
  )
    async throws -> Entry
  {
    try await log.append(
      EntryDraft(
        .message, in: id ?? conversation(), by: self.user(user), text: text, clientID: clientID)
    ).entry
  }

  @discardableResult
  func edit(_ seq: Int64, to text: String, as user: UInt64 = 1, in id: ConversationID? = nil)
    async throws -> Entry
  {
    try await log.append(
      EntryDraft(
        .edit, in: id ?? conversation(), by: self.user(user), text: text, target: seq)
    ).entry
  }

  /// Takes a member out of a group, as the use case does: the entry and the place in one.
  @discardableResult
  func takeOut(_ number: UInt64, of id: ConversationID? = nil) async throws -> Entry {
    let id = id ?? conversation()
    return try await log.append(
      EntryDraft(
        .memberRemoved, in: id, by: user(1), data: ["userId": user(number).stored]),
      together: { _ in [.delete(Member.schema.name, where: .id(Member.id(id, user(number))))] }
    ).entry
  }

  /// Adds a member to a group; without a history, what was said before is hidden.
  @discardableResult
  func putIn(_ number: UInt64, to id: ConversationID? = nil, history: Bool = true) async throws
    -> Entry
  {
    let id = id ?? conversation()
    let head = try await log.head(of: id)
    let member = Member(
      user(number), of: id, .group, role: .member, at: clock.now,
      hiddenSeq: history ? 0 : head.seq)
    let document = try member.document()
    return try await log.append(
      EntryDraft(
        .memberAdded, in: id, by: user(1), data: ["userId": user(number).stored]),
      together: { _ in [.insert(document, into: Member.schema.name)] }
    ).entry
  }

  var join: JoinConversation {
    JoinConversation(
      gateway: gateway, access: Access(documents: documents),
      missed: MissedReader(log: log, settings: settings.realtime),
      lastSeen: LastSeen(documents: documents, presence: nil))
  }

  /// Opens a conversation on a socket; the answer is among what the socket heard.
  func join(
    _ socket: SocketID, of user: UInt64, _ id: ConversationID? = nil, after: Int64? = nil,
    request: Int64 = 1
  ) async throws {
    try await join(caller(user), socket, id ?? conversation(), after: after, request: request)
  }

  /// Everything up to this seq of the conversation was handed out.
  func handedOut(_ seq: Int64, in id: ConversationID? = nil) async {
    await eventually { await gateway.lastSeq(id ?? conversation()) >= seq }
  }
}

final class LastNumber: Sendable {
  private let number = Mutex<UInt64>(0)
  func next() -> UInt64 {
    number.withLock { number in
      number += 1
      return number
    }
  }
}

extension RealtimeGateway {
  func lastSeq(_ id: ConversationID) -> Int64 { rooms[id]?.lastSeq ?? 0 }
  func isLoaded(_ id: ConversationID) -> Bool { rooms[id]?.isLoaded ?? false }
  func isWorking(_ id: ConversationID) -> Bool { rooms[id]?.isWorking ?? false }
  func viewers(_ id: ConversationID) -> Set<SocketID> { rooms[id]?.viewers ?? [] }
  var roomCount: Int { rooms.count }
  func status(of user: UserID) -> PresenceStatus { presence.status(of: user) }
  func role(of socket: SocketID) -> Role? { sockets[socket]?.caller.role }
}
