// Entries on their way to those who hear them.

import ArchiveCore
import Logging

extension RealtimeGateway {
  /// Hands out an entry that became durable. Of one conversation they come in rising seq.
  func publish(_ entry: Entry) {
    // Nobody is here: rooms were forgotten, and none is needed.
    guard !sockets.isEmpty else { return }
    let room = room(entry.conversationID)
    guard room.isLoaded, !room.isWorking, !entry.kind.needsReading else {
      guard room.waiting.count < settings.feedLimit else {
        return interruptEverybody(because: "entries wait for a store that does not answer")
      }
      room.waiting.append(entry)
      return startWork(on: room)
    }
    handOut(entry, in: room)
  }

  /// The room of a conversation, made where there is none.
  func room(_ id: ConversationID) -> Room {
    useCount += 1
    if let room = rooms[id] {
      room.usedAt = useCount
      return room
    }
    let room = Room(id)
    room.usedAt = useCount
    rooms[id] = room
    return room
  }

  func startWork(on room: Room) {
    guard !room.isWorking else { return }
    room.isWorking = true
    roomJobQueue.yield(room.id)
  }

  // MARK: In their turn

  /// Everything that says by itself what is heard.
  private func handOut(_ entry: Entry, in room: Room) {
    guard entry.seq > room.lastSeq else { return }
    let event = LiveEvent.entry(entry)
    if entry.kind == .message {
      if let sender = entry.senderID { typing.ended(sender, in: room.id) }
      tell(event, of: entry, in: room, but: sends.origin(of: entry, event))
    } else {
      change(room, by: entry, event)
    }
  }

  /// An entry about the conversation itself: who is added hears it, who is removed hears it as the last one.
  private func change(_ room: Room, by entry: Entry, _ event: LiveEvent) {
    let change = MembershipChange(entry)
    for user in change.added { add(user, to: room, isInCharge: false) }
    tell(event, of: entry, in: room)
    for user in change.removed {
      if !room.members.contains(user) {
        // The room was read when the user had gone already.
        for socket in users[user] ?? [] { sender.send(event, to: socket) }
      }
      remove(user, from: room)
    }
    if change.removesEverybody { for user in room.members { remove(user, from: room) } }
  }

  /// An entry that does not name everybody who comes and goes, with those who belong to it now.
  private func handOut(_ entry: Entry, in room: Room, leaving present: [Member]) {
    for member in present { add(member, to: room) }
    tell(LiveEvent.entry(entry), of: entry, in: room)
    for user in room.members.subtracting(present.map(\.userID)) { remove(user, from: room) }
  }

  private func tell(
    _ event: LiveEvent, of entry: Entry, in room: Room, but origin: SocketID? = nil,
    hiddenFrom: [UserID] = []
  ) {
    var except = (room.hidden(at: entry.seq) + hiddenFrom).flatMap { users[$0] ?? [] }
    if let origin { except.append(origin) }
    except += room.catchingUp(
      with: entry.seq, event, heldLimit: settings.heldLimit, not: except)
    sender.broadcast(event, to: .conversation(room.id), except: except)
    room.lastSeq = entry.seq
    sends.settle(room.id, upTo: entry.seq)
    counts.entriesHandedOut += 1
  }

  // MARK: Members

  private func add(_ member: Member, to room: Room) {
    add(member.userID, to: room, isInCharge: RightsTable.mustBeStaff(member))
  }

  private func add(_ user: UserID, to room: Room, isInCharge: Bool) {
    if isInCharge { room.inCharge.insert(user) } else { room.inCharge.remove(user) }
    guard room.members.insert(user).inserted else { return }
    memberCount += 1
    roomsOfUser[user, default: []].insert(room.id)
    for socket in users[user] ?? [] where mayHear(room, socket) {
      sender.join(socket, [.conversation(room.id)])
    }
  }

  /// Whether the socket's user, a member, may enter the room in the role that the user has now.
  func mayHear(_ room: Room, _ socket: SocketID) -> Bool {
    guard let caller = sockets[socket]?.caller else { return false }
    return caller.role.isStaff || !room.inCharge.contains(caller.userID)
  }

  /// The rooms that a socket hears.
  func rooms(of socket: SocketID, _ user: UserID) -> [LiveGroup] {
    (roomsOfUser[user] ?? []).compactMap { rooms[$0] }.filter { mayHear($0, socket) }
      .map { .conversation($0.id) }
  }

  /// The socket's user has another role: it hears what that role may hear.
  func hear(_ socket: SocketID, as caller: Caller) {
    guard let old = sockets[socket]?.caller else { return }
    sockets[socket]?.caller = caller
    guard old.role.isStaff != caller.role.isStaff else { return }
    for id in roomsOfUser[caller.userID] ?? [] {
      guard let room = rooms[id], room.inCharge.contains(caller.userID) else { continue }
      if mayHear(room, socket) {
        sender.join(socket, [.conversation(id)])
      } else {
        shut(room, to: socket)
      }
    }
  }

  func remove(_ user: UserID, from room: Room) {
    guard room.members.remove(user) != nil else { return }
    memberCount -= 1
    room.inCharge.remove(user)
    roomsOfUser[user]?.remove(room.id)
    if roomsOfUser[user]?.isEmpty == true { roomsOfUser[user] = nil }
    room.reads[user] = nil
    for socket in users[user] ?? [] { shut(room, to: socket) }
  }

  private func shut(_ room: Room, to socket: SocketID) {
    sender.leave(socket, .conversation(room.id))
    leave(socket, room.id)
    sockets[socket]?.open.remove(room.id)
  }

  /// The socket closes the conversation; it goes on hearing its entries.
  func leave(_ socket: SocketID, _ id: ConversationID) {
    guard let room = rooms[id] else { return }
    room.catchUps[socket] = nil
    if room.viewers.remove(socket) != nil { sender.leave(socket, .viewers(id)) }
  }

  // MARK: Work that reads

  /// Loads the room where that is needed, and hands out what waits, in order.
  func work(on id: ConversationID) async {
    guard let room = rooms[id] else { return }
    var failures = 0
    while rooms[id] === room, !Task.isCancelled {
      do throws(StoreError) {
        if !room.isLoaded { try await load(room) }
        return try await handOutWaiting(in: room)
      } catch {
        failures += 1
        report(error, in: id, failures)
        arrived(at: room, false)
        // Without anybody who waits the next who needs the room tries again.
        if room.waiting.isEmpty && room.reads.isEmpty && room.viewers.isEmpty {
          return forget(room)
        }
        let pause = surroundings.backoff(after: failures, atMost: .seconds(10))
        do { try await surroundings.sleep(pause) } catch { return }
      }
    }
  }

  private func load(_ room: Room) async throws(StoreError) {
    let members = try await reader.members(of: room.id)
    // Forgotten meanwhile: whoever is here now has another.
    guard rooms[room.id] === room else { return }
    for member in members {
      add(member, to: room)
      if member.hiddenSeq > 0 { room.hidden[member.userID] = member.hiddenSeq }
    }
    room.isLoaded = true
    arrived(at: room, true)
    makeRoom(beside: room)
  }

  /// Hands out what waits, until nothing does.
  private func handOutWaiting(in room: Room) async throws(StoreError) {
    while let entry = room.waiting.first {
      guard rooms[room.id] === room else { return }
      if entry.seq > room.lastSeq {
        if entry.kind.isAmendment {
          let found = try await amended(by: entry)
          guard rooms[room.id] === room else { return }
          if let (message, hidden) = found {
            tell(.amended(message, by: entry), of: entry, in: room, hiddenFrom: hidden)
          }
        } else if entry.kind.needsReading {
          let present = try await reader.members(of: room.id)
          guard rooms[room.id] === room else { return }
          handOut(entry, in: room, leaving: present)
        } else {
          handOut(entry, in: room)
        }
      }
      room.waiting.removeFirst()
    }
    // Together with the look that found nothing more: whatever comes from here on starts the work anew.
    room.isWorking = false
  }

  /// Damage does not pass: what cannot be read is left out, and what follows it is heard.
  private func amended(by entry: Entry) async throws(StoreError) -> (Message, hiddenFrom: [UserID])?
  {
    do throws(StoreError) {
      return try await reader.amended(by: entry)
    } catch {
      guard error.kind == .corrupt else { throw error }
      logger.critical(
        "a change of a message cannot be handed out; run verify",
        metadata: ["conversation": "\(entry.conversationID)", "error": "\(error)"])
      return nil
    }
  }

  private func arrived(at room: Room, _ isLoaded: Bool) {
    let arrivals = room.arrivals
    room.arrivals = []
    for arrival in arrivals { arrival.resume(returning: isLoaded) }
  }

  private func report(_ error: StoreError, in id: ConversationID, _ failures: Int) {
    guard failures == 1 else { return }
    logger.warning(
      "a conversation cannot be read to hand out its entries; they wait",
      metadata: ["conversation": "\(id)", "error": "\(error)"])
  }

  /// Returns the room once it is known who belongs to it; throws `busy` where the store does not say.
  func loadedRoom(_ id: ConversationID) async throws -> Room {
    for _ in 0..<2 where !isStopped {
      let room = room(id)
      if room.isLoaded { return room }
      startWork(on: room)
      guard await withCheckedContinuation({ room.arrivals.append($0) }) else { break }
    }
    if let room = rooms[id], room.isLoaded { return room }
    throw ServiceError(
      .busy, "the store is not available, try again", retryAfter: .seconds(2))
  }

  // MARK: Forgetting

  /// Forgets rooms that were quiet longest when too many places are remembered.
  private func makeRoom(beside newest: Room) {
    guard memberCount > settings.memberMemory else { return }
    let idle = rooms.values.filter { $0.isIdle && $0 !== newest }.sorted { $0.usedAt < $1.usedAt }
    for room in idle {
      // A tenth more, so that this is not done for each room.
      if memberCount <= settings.memberMemory / 10 * 9 { return }
      forget(room)
    }
  }

  private func forget(_ room: Room) {
    arrived(at: room, false)
    rooms[room.id] = nil
    roomsWithReads.remove(room.id)
    roomsWithParts.remove(room.id)
    roomsToCount.remove(room.id)
    memberCount -= room.members.count
    for user in room.members {
      roomsOfUser[user]?.remove(room.id)
      if roomsOfUser[user]?.isEmpty == true { roomsOfUser[user] = nil }
    }
    sender.dissolve(.conversation(room.id))
    sender.dissolve(.viewers(room.id))
  }

  func forgetRooms() { for room in Array(rooms.values) { forget(room) } }

  /// Entries may have been missed: whoever comes back says what they have.
  func interruptEverybody(because reason: String) {
    counts.interruptions += 1
    if !sockets.isEmpty {
      logger.warning(
        "entries may have been missed; clients come back and get them",
        metadata: ["reason": "\(reason)", "sockets": "\(sockets.count)"])
    }
    for socket in Array(sockets.keys) {
      sender.close(socket, .interrupted)
      remove(socket)
    }
    forgetRooms()
    sends = SendsInFlight()
  }
}

/// What an entry says about who belongs to a conversation.
struct MembershipChange: Equatable {
  var added: [UserID] = []
  var removed: [UserID] = []
  var removesEverybody = false

  init(_ entry: Entry) {
    let user: UserID? = entry.data?["userId"]?.asID()
    switch entry.kind {
    case .memberAdded: added = user.map { [$0] } ?? []
    case .memberRemoved, .memberLeft: removed = user.map { [$0] } ?? []
    case .conversationDeleted: removesEverybody = true
    default: break
    }
  }
}

extension EntryKind {
  /// What is heard of it is not in the entry alone: a message as it is after an edit, or who has a support conversation
  /// in charge no more.
  var needsReading: Bool {
    isAmendment || self == .supportTaken || self == .supportHandedOver
  }
}
