// Where everything live meets: who is connected, who hears what, and in which order.

import ArchiveCore
import Logging

/// The sockets, users and rooms of this node.
///
/// - A user's sockets hear every entry of every conversation of the user, from the moment of connecting on: in rising
///   seq per conversation, each once. Who is removed hears the entry that says so and nothing behind it.
/// - Rooms are made when something happens in a conversation, and read who belongs to it. From then on the entries
///   themselves say who comes and goes, so what is heard follows the log and nothing else. Connecting reads no rooms:
///   ten thousand who come back at once cost no more than their tokens.
/// - When this node may have missed an entry, whatever the reason, all sockets are interrupted. They come back by
///   themselves, say what they have, and get what they missed.
///
/// Threads: an actor. Nothing is sent after an `await` on the strength of what was known before it.
actor RealtimeGateway {
  let sender: any RealtimeSender
  let reader: RoomReader
  let look: SessionLook
  let log: ConversationLog
  let sessionPresence: SessionPresence?
  let settings: ServiceSettings.Realtime
  let surroundings: Surroundings
  let logger: Logger
  /// To other nodes; `nil` where there are none.
  let signals: LiveSignals?

  var sockets: [SocketID: LiveSocket] = [:]
  var users: [UserID: [SocketID]] = [:]
  var sessions: [SessionID: [SocketID]] = [:]
  var rooms: [ConversationID: Room] = [:]
  /// The rooms that a user belongs to, of those that are there.
  var roomsOfUser: [UserID: Set<ConversationID>] = [:]
  /// Members in all rooms together.
  var memberCount = 0
  var useCount: UInt64 = 0
  /// Rooms that have read marks to tell, and those in which somebody got a part.
  var roomsWithReads: Set<ConversationID> = []
  var roomsWithParts: Set<ConversationID> = []
  /// Large rooms in which somebody came or went.
  var roomsToCount: Set<ConversationID> = []
  /// Tokens that end in a second since 1970.
  var expiries: [Int64: [SocketID]] = [:]
  var presence: PresenceBoard
  var typing: TypingBoard
  var sends = SendsInFlight()
  var counts = RealtimeCounts()
  /// When things were last looked at, as uptime.
  var lastAwayLook = Duration.zero
  var lastSessionNote = Duration.zero
  var lastCount = Duration.zero

  /// Users whose sessions are to be looked at, or everybody's.
  var usersToLookAt: Set<UserID> = []
  var isToLookAtAll = false
  private(set) var isStopped = false

  /// Rings when sessions are to be looked at.
  private let looks: AsyncStream<Void>
  let lookBell: AsyncStream<Void>.Continuation
  /// Rooms that need reading.
  let roomJobs: AsyncStream<ConversationID>
  let roomJobQueue: AsyncStream<ConversationID>.Continuation
  private let firstEntries: LiveEntries
  private let ends: SessionEnds
  private let firstEnds: AsyncStream<SessionEnd>

  /// Rooms that are read at once.
  private static let roomWorkers = 16

  /// What it uses of the rest.
  struct Surrounding: Sendable {
    let documents: any DocumentStore
    let log: ConversationLog
    let ends: SessionEnds
    let sessionPresence: SessionPresence?
    let settings: ServiceSettings
    let surroundings: Surroundings
    let logger: Logger
  }

  /// Entries and ends of sessions count from here on; they are handed out while `run` runs.
  init(_ all: Surrounding, sender: any RealtimeSender) {
    self.sender = sender
    reader = RoomReader(
      documents: all.documents, log: all.log, memberLimit: all.settings.conversations.memberLimit)
    look = SessionLook(documents: all.documents, now: all.surroundings.now)
    (log, ends, sessionPresence) = (all.log, all.ends, all.sessionPresence)
    settings = all.settings.realtime
    (surroundings, logger) = (all.surroundings, all.logger)
    typing = TypingBoard(lifetime: settings.typingLifetime, limit: settings.typingLimit)
    presence = PresenceBoard(isShared: all.documents.isShared)
    signals =
      all.documents.isShared
      ? LiveSignals(documents: all.documents, surroundings: surroundings, logger: logger) : nil
    (looks, lookBell) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    (roomJobs, roomJobQueue) = AsyncStream.makeStream(of: ConversationID.self)
    firstEntries = log.liveEntries(queueLimit: settings.feedLimit)
    firstEnds = ends.subscribe()
  }

  /// Works until cancelled, or until the log stops.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.followEntries() }
      group.addTask { await self.followEnds() }
      group.addTask { await self.watchTime() }
      for _ in 0..<Self.roomWorkers { group.addTask { await self.workOnRooms() } }
      group.addTask { await self.lookAtSessions() }
      if let signals {
        group.addTask { await signals.follow { await self.heard($0) } }
        group.addTask { await self.tellOtherNodes(signals) }
      }
    }
    stop()
    await signals?.leave()
  }

  /// Nobody reads for rooms any more: whoever waits for one is told so.
  private func stop() {
    isStopped = true
    forgetRooms()
  }

  /// What is there and what was done.
  var measurements: RealtimeCounts {
    var counts = counts
    (counts.sockets, counts.users, counts.rooms) = (sockets.count, users.count, rooms.count)
    counts.openConversations = rooms.values.reduce(0) { $0 + $1.viewers.count }
    return counts
  }

  // MARK: What it follows

  private func followEntries() async {
    var live = firstEntries
    while !Task.isCancelled {
      do throws(LiveEnd) {
        var iterator = live.makeAsyncIterator()
        var inARow = 0
        while let entry = try await iterator.next(isolation: self) {
          publish(entry)
          inARow += 1
          // Whoever waits for this actor gets a turn in a long run of entries.
          if inARow % 64 == 0 { await Task.yield() }
        }
        return
      } catch {
        // Listened to again first, so that whoever comes back misses nothing more.
        live = log.liveEntries(queueLimit: settings.feedLimit)
        interruptEverybody(because: "\(error)")
      }
    }
  }

  private func followEnds() async {
    var ends = firstEnds
    while !Task.isCancelled {
      for await end in ends { heard(end) }
      if Task.isCancelled { return }
      // Too many at once: some were not heard.
      ends = self.ends.subscribe()
      heard(.unknown)
    }
  }

  private func lookAtSessions() async {
    for await _ in looks { await lookAgain() }
  }

  private func watchTime() async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(settings.window) } catch { return }
      timePassed()
    }
  }

  /// Apart from everything else: a store that does not answer holds up nothing but this.
  private func tellOtherNodes(_ signals: LiveSignals) async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(settings.window) } catch { return }
      await signals.flush(presence.takeUnsent(), at: surroundings.uptime())
    }
  }

  private func workOnRooms() async {
    for await id in roomJobs { await work(on: id) }
  }
}

// MARK: - Sockets

extension RealtimeGateway {
  /// Takes in a socket of a caller whose token was seen to be good. It hears everything from here on.
  ///
  /// Whoever calls looks at the session once more afterwards (`Callers.caller(session:of:)`): an end that was told
  /// before this call is not told again.
  func admit(
    _ socket: SocketID, _ caller: Caller, from network: IPNetwork?, tokenExpiry: Timestamp
  ) throws {
    let others = users[caller.userID] ?? []
    guard others.count < settings.socketsPerUser else {
      throw ServiceError(
        .tooMany, "you have too many connections open", retryAfter: .seconds(30))
    }
    sockets[socket] = LiveSocket(
      caller: caller, network: network, tokenExpiry: tokenExpiry,
      lastActive: surroundings.uptime())
    users[caller.userID] = others + [socket]
    sessions[caller.sessionID, default: []].append(socket)
    watchExpiry(of: socket, at: tokenExpiry)
    sender.join(socket, [.user(caller.userID)] + rooms(of: socket, caller.userID))
    refreshPresence(of: caller.userID)
  }

  /// The socket is gone, or is to be forgotten. Doing it twice does nothing.
  func remove(_ socket: SocketID) {
    guard let gone = sockets.removeValue(forKey: socket) else { return }
    let user = gone.caller.userID
    forget(socket, in: &sessions, gone.caller.sessionID)
    forget(socket, in: &users, user)
    for id in gone.open { leave(socket, id) }
    sends.forget(socket)
    if users[user] == nil {
      presence.left(user, at: surroundings.uptime())
    } else {
      refreshPresence(of: user)
    }
    // Rooms follow the log only while somebody is here.
    if sockets.isEmpty { forgetRooms() }
  }

  private func forget<Key>(
    _ socket: SocketID, in index: inout [Key: [SocketID]], _ key: Key
  ) {
    guard var rest = index[key] else { return }
    rest.removeAll { $0 == socket }
    index[key] = rest.isEmpty ? nil : rest
  }

  /// Counts an event of the socket and says whose it is. Throws `tooMany`, and `notSignedIn` where the token is over.
  func enter(_ socket: SocketID, _ event: RealtimeEvent?) throws -> LiveSocket {
    let uptime = surroundings.uptime()
    guard var known = sockets[socket] else { throw Self.gone }
    let isAdmitted = known.allowance.take(
      perSecond: settings.eventsPerSecond, burst: settings.eventBurst, at: uptime)
    if isAdmitted { known.lastActive = uptime }
    sockets[socket] = known
    guard isAdmitted else {
      counts.eventsRefused += 1
      throw ServiceError(.tooMany, "too many events, send fewer", retryAfter: .seconds(1))
    }
    counts.events += 1
    guard event == .authenticate || known.tokenExpiry > surroundings.now() else {
      throw ServiceError(.notSignedIn, "the access token is over; authenticate with a fresh one")
    }
    if event != .presence { refreshPresence(of: known.caller.userID) }
    return known
  }

  static let gone = ServiceError(.notSignedIn, "the connection is over")

  /// A fresh token of the same user, perhaps of another session.
  func renew(_ socket: SocketID, _ caller: Caller, tokenExpiry: Timestamp) throws {
    guard var known = sockets[socket] else { throw Self.gone }
    guard known.caller.userID == caller.userID else {
      throw ServiceError(.forbidden, "the token is somebody else's; connect anew")
    }
    if known.caller.sessionID != caller.sessionID {
      forget(socket, in: &sessions, known.caller.sessionID)
      sessions[caller.sessionID, default: []].append(socket)
    }
    let isSameTime = known.tokenExpiry == tokenExpiry
    (known.tokenExpiry, known.isAskedForToken) = (tokenExpiry, false)
    sockets[socket] = known
    hear(socket, as: caller)
    if !isSameTime { watchExpiry(of: socket, at: tokenExpiry) }
  }

  nonisolated func acknowledge(_ request: Int64, with answer: [UInt8], to socket: SocketID) {
    sender.acknowledge(request, with: answer, to: socket)
  }
}
