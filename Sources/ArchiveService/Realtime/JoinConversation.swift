// A socket opens a conversation and gets what it missed, with nothing between that and what it hears next.

import ArchiveCore

/// Answers `joinConversation`.
///
/// While the answer is made, the socket hears no entries of the conversation; those that come are kept. The answer goes
/// out, then what was kept and is not in it. So from the answer on the socket hears exactly what is behind it, each
/// once, in order, whichever of the two was faster. Where the answer is only a part (`hasMore`), it goes on hearing
/// nothing until it has asked for the rest, or `catchUpPatience` has passed.
struct JoinConversation: Sendable {
  let gateway: RealtimeGateway
  let access: Access
  let missed: MissedReader
  let lastSeen: LastSeen

  /// How often an answer is made longer because more came than could be kept; then the rest is asked for.
  private static let rounds = 3

  /// - Parameters:
  ///   - after: what the client has; `nil`: it asks for nothing.
  ///   - request: what to acknowledge; `nil`: nobody asked for an answer.
  func callAsFunction(
    _ caller: Caller, _ socket: SocketID, _ id: ConversationID, after: Int64?, request: Int64?
  ) async throws {
    let member = try await access.member(
      caller, of: id, by: RightsTable.rule(of: .joinConversation))
    try await gateway.open(socket, id, isReading: after != nil)
    do {
      guard let after else {
        let head = try await missed.log.head(of: id)
        try await answer(socket, id, MissedEntries(lastSeq: head.seq), request)
        return
      }
      try await catchUp(caller, socket, member, after, request)
    } catch {
      await gateway.stopReading(socket, id)
      throw error
    }
  }

  private func catchUp(
    _ caller: Caller, _ socket: SocketID, _ member: Member, _ after: Int64, _ request: Int64?
  ) async throws {
    let (id, hidden) = (member.conversationID, member.hiddenSeq)
    var part = try await missed(id, after: after, hidden: hidden)
    for _ in 0..<Self.rounds {
      // Removed while this was read, and something was said since.
      let now = try await access.member(
        caller, of: id, by: RightsTable.rule(of: .joinConversation))
      guard now.hiddenSeq == hidden else { throw ServiceError.noSuchConversation }
      if try await answer(socket, id, part, request) { return }
      part = part.joined(with: try await missed(id, after: part.lastSeq, hidden: hidden))
    }
    part.hasMore = true
    try await answer(socket, id, part, request)
  }

  /// Whether it was answered.
  @discardableResult
  private func answer(
    _ socket: SocketID, _ id: ConversationID, _ part: MissedEntries, _ request: Int64?
  ) async throws -> Bool {
    let people = await gateway.people(in: id)
    let seen = try await lastSeen(of: people.filter { $0.value == .offline }.map(\.key))
    let presence = people.sorted { $0.key < $1.key }.map {
      EventJSON.presence(of: $0.key, $0.value, since: seen[$0.key])
    }
    var object = JSONObjectWriter(capacity: 1024)
    object.add("amended", list: part.amended.map(EventJSON.message))
    object.add("conversationId", id)
    object.add("hasMore", part.hasMore)
    object.add("lastSeq", part.lastSeq)
    object.add("messages", list: part.messages.map(EventJSON.message))
    object.add("ok", true)
    object.add("presence", list: presence)
    let answer = object.finish()
    return try await gateway.answer(socket, id, part, with: request.map { ($0, answer) })
  }
}

extension MissedEntries {
  /// This part and the one behind it.
  func joined(with next: MissedEntries) -> MissedEntries {
    var all = next
    // What the next one amends of this one is in it as it is now.
    let newer = Dictionary(next.amended.map { ($0.entry.seq, $0) }) { first, _ in first }
    all.messages = messages.map { newer[$0.entry.seq] ?? $0 } + next.messages
    let shown = Set(messages.map(\.entry.seq))
    all.amended =
      amended.filter { newer[$0.entry.seq] == nil }
      + next.amended.filter { !shown.contains($0.entry.seq) }
    return all
  }
}

// MARK: - In the gateway

extension RealtimeGateway {
  /// The socket opens the conversation; with `isReading`, entries wait for it from here on.
  func open(_ socket: SocketID, _ id: ConversationID, isReading: Bool) async throws {
    let room = try await loadedRoom(id)
    guard var known = sockets[socket] else { throw Self.gone }
    guard mayHear(room, socket) else { throw ServiceError.noSuchConversation }
    guard known.open.contains(id) || known.open.count < settings.openLimit else {
      throw ServiceError(.conflict, "too many conversations are open on this connection")
    }
    known.open.insert(id)
    sockets[socket] = known
    if room.viewers.insert(socket).inserted { sender.join(socket, [.viewers(id)]) }
    if isReading { room.catchUps[socket] = .reading(CatchUp.Held()) }
  }

  /// Sends the answer and lets the socket hear what is behind it. `false` where more came than was kept: then what is
  /// behind the answer must be read first, and nothing was sent.
  func answer(
    _ socket: SocketID, _ id: ConversationID, _ part: MissedEntries,
    with answer: (request: Int64, json: [UInt8])?
  ) throws -> Bool {
    guard sockets[socket] != nil else { throw Self.gone }
    guard let room = rooms[id], room.viewers.contains(socket) else {
      throw ServiceError.noSuchConversation
    }
    guard case .reading(let held)? = room.catchUps[socket] else {
      send(answer, to: socket)
      return true
    }
    if part.hasMore {
      room.catchUps[socket] = .partial(until: surroundings.uptime() + settings.catchUpPatience)
      roomsWithParts.insert(id)
      send(answer, to: socket)
      return true
    }
    if held.isOverflowing {
      room.catchUps[socket] = .reading(CatchUp.Held())
      return false
    }
    counts.catchUps += 1
    send(answer, to: socket)
    for (seq, event) in held.events where seq > part.lastSeq { sender.send(event, to: socket) }
    room.catchUps[socket] = room.lastSeq < part.lastSeq ? .done(seq: part.lastSeq) : nil
    return true
  }

  private func send(_ answer: (request: Int64, json: [UInt8])?, to socket: SocketID) {
    if let answer { sender.acknowledge(answer.request, with: answer.json, to: socket) }
  }

  /// There will be no answer: the socket hears what was kept, or comes back where that is not all.
  func stopReading(_ socket: SocketID, _ id: ConversationID) {
    guard let room = rooms[id], case .reading(let held)? = room.catchUps[socket] else { return }
    room.catchUps[socket] = nil
    if held.isOverflowing {
      sender.close(socket, .interrupted)
      remove(socket)
    } else {
      for (_, event) in held.events { sender.send(event, to: socket) }
    }
  }

  /// Sockets that did not ask for the rest hear entries again.
  func endPartsThatLast(at uptime: Duration) {
    for id in roomsWithParts {
      guard let room = rooms[id] else {
        roomsWithParts.remove(id)
        continue
      }
      var isAnyLeft = false
      for (socket, state) in room.catchUps {
        guard case .partial(let until) = state else { continue }
        if until <= uptime { room.catchUps[socket] = nil } else { isAnyLeft = true }
      }
      if !isAnyLeft { roomsWithParts.remove(id) }
    }
  }

  /// The members and whether they are there; nobody in a conversation that is too large to say.
  func people(in id: ConversationID) -> [UserID: PresenceStatus] {
    guard let room = rooms[id], room.members.count <= settings.detailLimit else { return [:] }
    return Dictionary(uniqueKeysWithValues: room.members.map { ($0, presence.status(of: $0)) })
  }
}
