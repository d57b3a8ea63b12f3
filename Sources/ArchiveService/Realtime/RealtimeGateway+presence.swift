// Who is there, who types, who has read: gathered for a moment, then told to those whom it concerns.

import ArchiveCore

extension RealtimeGateway {
  // MARK: What comes in

  /// The user is here as the best of the user's sockets is.
  func refreshPresence(of user: UserID) {
    let uptime = surroundings.uptime()
    let statuses = (users[user] ?? []).compactMap {
      sockets[$0]?.status(awayAfter: settings.awayAfter, at: uptime)
    }
    if let best = statuses.max() { presence.set(best, of: user) }
  }

  func setAway(_ isAway: Bool, on socket: SocketID) {
    guard let user = sockets[socket]?.caller.userID else { return }
    sockets[socket]?.isAway = isAway
    refreshPresence(of: user)
  }

  /// A member types, here or on another node.
  func noteTyping(_ user: UserID, in id: ConversationID, isOwn: Bool) {
    guard typing.isNews(user, in: id, at: surroundings.uptime()) else { return }
    if isOwn { signals?.typing(user, in: id) }
    guard let room = rooms[id], room.isLoaded, !room.viewers.isEmpty,
      room.members.contains(user), room.members.count <= settings.detailLimit
    else { return }
    sender.broadcast(
      .typing(user, in: id, for: settings.typingLifetime), to: .viewers(id),
      except: users[user] ?? [])
  }

  /// A member has read up to a seq, here or on another node.
  func noteRead(_ user: UserID, in id: ConversationID, _ seq: Int64, isOwn: Bool) {
    if isOwn { signals?.read(user, in: id, seq) }
    guard !sockets.isEmpty else { return }
    let room = room(id)
    room.reads[user] = max(room.reads[user] ?? 0, seq)
    roomsWithReads.insert(id)
    if !room.isLoaded { startWork(on: room) }
  }

  // MARK: What time brings

  /// Once in a window.
  func timePassed() {
    let (uptime, now) = (surroundings.uptime(), surroundings.now())
    endTokens(at: now)
    endPartsThatLast(at: uptime)
    typing.settle(at: uptime)
    lookForAway(at: uptime)
    presence.settle(settings.absenceGrace, at: uptime)
    presence.forgetNodes(silentFor: settings.nodeLifetime, at: uptime)
    tellReads()
    tellPresence(at: now)
    tellCounts(at: uptime)
    noteSessions(at: uptime)
  }

  /// Those who send nothing are away after a while; looked for every ten seconds.
  private func lookForAway(at uptime: Duration) {
    guard uptime - lastAwayLook >= .seconds(10) else { return }
    lastAwayLook = uptime
    for user in users.keys { refreshPresence(of: user) }
  }

  /// Read marks that one conversation is told in one window; the rest waits.
  private static let readBudget = 20

  private func tellReads() {
    for id in roomsWithReads {
      guard let room = rooms[id] else {
        roomsWithReads.remove(id)
        continue
      }
      guard room.isLoaded else { continue }
      let isLarge = room.members.count > settings.detailLimit
      for (user, seq) in room.reads.prefix(Self.readBudget) {
        room.reads[user] = nil
        guard room.members.contains(user) else { continue }
        // In a large conversation only the reader's own devices need to know.
        sender.broadcast(
          .read(id, by: user, seq), to: isLarge ? .user(user) : .conversation(id), except: [])
      }
      if room.reads.isEmpty { roomsWithReads.remove(id) }
    }
  }

  private func tellPresence(at now: Timestamp) {
    guard presence.hasNews else { return }
    for (user, status) in presence.takeNews(settings.presenceBudget) {
      let event = LiveEvent.presence(of: user, status, since: status == .offline ? now : nil)
      for id in roomsOfUser[user] ?? [] {
        guard let room = rooms[id], !room.viewers.isEmpty else { continue }
        if room.members.count > settings.detailLimit {
          roomsToCount.insert(id)
        } else {
          sender.broadcast(event, to: .viewers(id), except: [])
        }
      }
    }
  }

  /// Large conversations hear every five seconds how many are there, where it is another number.
  private func tellCounts(at uptime: Duration) {
    guard !roomsToCount.isEmpty, uptime - lastCount >= .seconds(5) else { return }
    lastCount = uptime
    for id in roomsToCount {
      guard let room = rooms[id], !room.viewers.isEmpty else { continue }
      let online = room.members.count { presence.status(of: $0) != .offline }
      guard online != room.toldOnline else { continue }
      room.toldOnline = online
      sender.broadcast(.presence(in: id, online: online), to: .viewers(id), except: [])
    }
    roomsToCount = []
  }

  /// An open socket is a session in use.
  private func noteSessions(at uptime: Duration) {
    guard let sessionPresence, uptime - lastSessionNote >= SessionPresence.interval * 0.8 else {
      return
    }
    lastSessionNote = uptime
    for session in sessions.keys { sessionPresence.note(session) }
  }

  // MARK: Other nodes

  /// What another node says.
  func heard(_ news: LiveSignals.News) {
    let uptime = surroundings.uptime()
    switch news {
    case .missed:
      // What others said while nobody listened is asked for.
      signals?.ask()
    case .signal(let signal):
      if signal.isLeaving { return presence.forget(signal.node) }
      if signal.isWhole {
        presence.forget(signal.node)
      } else if !presence.knows(signal.node) {
        // What it said before was not heard.
        signals?.ask()
      }
      presence.heard(signal.node, signal.presence, at: uptime)
      for (user, id) in signal.typing { noteTyping(user, in: id, isOwn: false) }
      for (user, id, seq) in signal.reads { noteRead(user, in: id, seq, isOwn: false) }
      if signal.isAsking { signals?.tellWhole(presence.wholeState) }
    }
  }
}
