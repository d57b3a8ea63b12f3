// One session of Engine.IO, from its handshake to its end.

/// A session that polls, or has a WebSocket, or is on its way from one to the other.
///
/// Pure: whoever drives it tells it what arrived and when, and does what it answers, in order. It may be told
/// anything at any time; what does not fit its state is refused or does nothing. Not thread-safe: one event loop owns it.
package struct EngineSession: Sendable {
  /// The session's identifier: a secret between the client and the server, from 120 random bits at least.
  package let id: String
  package private(set) var transport: EngineTransport
  let settings: RealtimeSettings
  var phase = Phase.open
  var heartbeat: Heartbeat
  var upgrade = Upgrade.none
  var queue = OutgoingQueue()
  var isPollWaiting = false
  var isPushing = false

  enum Phase: Sendable {
    case open
    /// The session has ended; the client's next poll is told so, if it comes in time.
    case closing(until: Moment, refusal: CloseReason?)
    case closed
  }

  /// The first actions are the handshake: the answer to the poll that asked for it, or the first frame.
  package static func open(
    id: String, transport: EngineTransport, settings: RealtimeSettings, now: Moment
  ) -> (session: EngineSession, actions: [EngineAction]) {
    let session = EngineSession(id: id, transport: transport, settings: settings, now: now)
    let upgrades: [EngineTransport] =
      transport == .polling && settings.allowsUpgrades ? [.websocket] : []
    let frame = EngineFrame.open(id: id, upgrades: upgrades, settings: settings)
    return (
      session, [transport == .polling ? .answerPoll(PollingPayload.body([frame])) : .write(frame)]
    )
  }

  private init(id: String, transport: EngineTransport, settings: RealtimeSettings, now: Moment) {
    self.id = id
    self.transport = transport
    self.settings = settings
    heartbeat = Heartbeat(next: now + settings.pingInterval)
  }

  package var isOpen: Bool { if case .open = phase { true } else { false } }

  /// Whether frames may be written to the WebSocket at once, without asking the session: how a broadcast does it.
  package var writesDirectly: Bool { isOpen && transport == .websocket }

  /// What waits here for the client, in bytes.
  package var waitingBytes: Int { queue.byteCount }

  /// When ``tick(now:)`` wants to be called, at the latest. May be asked after every call.
  package var deadline: Moment {
    switch phase {
    case .open: min(heartbeat.next, upgrade.deadline)
    case .closing(let until, _): until
    case .closed: .never
    }
  }

  /// Time has passed. Does nothing before the deadline.
  package mutating func tick(now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    expire(now, &actions)
    return actions
  }

  /// Sends frames, one behind the other without anything between them.
  package mutating func send(_ frames: some Sequence<EngineFrame>, now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    send(frames, now, &actions)
    return actions
  }

  /// Ends the session orderly: what waits for the client still reaches it.
  package mutating func close(_ reason: CloseReason, now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    close(reason, now, &actions)
    return actions
  }

  /// A frame of the session's WebSocket.
  package mutating func receive(_ frame: EngineFrame, now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    if let message = accept(frame, now, &actions) { actions.append(.message(message)) }
    return actions
  }

  /// The session's WebSocket is gone.
  package mutating func webSocketClosed(now: Moment) -> [EngineAction] {
    guard writesDirectly else { return [] }
    var actions: [EngineAction] = []
    end(.transportClose, &actions)
    return actions
  }

  mutating func becomeWebSocket() { transport = .websocket }
}
