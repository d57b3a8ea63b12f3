// From polling to a WebSocket, without losing or doubling a packet.

/// A WebSocket that wants to take over the session (Engine.IO protocol, "Upgrade").
enum Upgrade: Sendable {
  case none
  /// It is open, and has not yet shown that packets get through.
  case opened(deadline: Moment)
  /// It was probed: the client stops polling now, and then says that it goes over.
  case confirmed(deadline: Moment)

  var deadline: Moment {
    switch self {
    case .none: .never
    case .opened(let deadline), .confirmed(let deadline): deadline
    }
  }

  var isConfirmed: Bool { if case .confirmed = self { true } else { false } }
}

extension EngineSession {
  /// A WebSocket asks for the session. Refused unless the session polls and no other one asks.
  package mutating func probeOpened(now: Moment) -> [EngineAction] {
    guard isOpen else { return [.refuseRequest(.unknownSession)] }
    guard transport == .polling, settings.allowsUpgrades, case .none = upgrade else {
      return [.refuseRequest(.badRequest)]
    }
    upgrade = .opened(deadline: now + settings.upgradeTimeout)
    return []
  }

  /// A frame of the WebSocket that asks for the session.
  package mutating func receiveProbe(_ frame: EngineFrame, now: Moment) -> [EngineAction] {
    guard isOpen else { return [] }
    var actions: [EngineAction] = []
    switch (upgrade, EnginePacket(frame)) {
    case (.none, _): break
    case (_, .ping(isProbe: true)): confirm(&actions)
    case (.confirmed, .upgrade): complete(&actions)
    // Wrong, but only the probe's fault: the session polls on.
    default: abandonUpgrade(&actions)
    }
    return actions
  }

  /// The WebSocket that asked for the session is gone; the session polls on.
  package mutating func probeClosed() { upgrade = .none }

  mutating func abandonUpgrade(_ actions: inout [EngineAction]) {
    if case .none = upgrade { return }
    upgrade = .none
    actions.append(.closeProbe)
  }

  private mutating func confirm(_ actions: inout [EngineAction]) {
    upgrade = .confirmed(deadline: upgrade.deadline)
    actions.append(.writeProbe(.probeAnswer))
    letPollGo(&actions)
  }

  /// What was not polled goes to the WebSocket: each frame was taken out of the queue once, here or there.
  private mutating func complete(_ actions: inout [EngineAction]) {
    letPollGo(&actions)
    upgrade = .none
    becomeWebSocket()
    actions.append(.adoptProbe)
    for frame in queue.takeAll() { actions.append(.write(frame)) }
  }

  /// A poll that waits has nothing in the queue; a `noop` ends it cleanly.
  private mutating func letPollGo(_ actions: inout [EngineAction]) {
    guard isPollWaiting else { return }
    queue.append(.noop)
    answerPoll(&actions)
  }
}
