// The protocol machine of one connection: Socket.IO, or bare Engine.IO for the conformance host.

import RealtimeProtocol

/// Forwards to whichever machine the hub is for. Both take the same calls, and bare messages are sent back.
struct SessionMachine {
  private var sockets: RealtimeSession?
  private var bare: BareSession?

  static func open(
    id: String, transport: EngineTransport, layer: RealtimeLayer, settings: RealtimeSettings,
    now: Moment
  ) -> (machine: SessionMachine, actions: [RealtimeAction]) {
    switch layer {
    case .sockets:
      let opened = RealtimeSession.open(
        id: id, transport: transport, settings: settings, now: now)
      return (SessionMachine(sockets: opened.session), opened.actions)
    case .echo:
      let opened = EngineSession.open(id: id, transport: transport, settings: settings, now: now)
      return (
        SessionMachine(bare: BareSession(opened.session)),
        opened.actions.map(RealtimeAction.transport)
      )
    }
  }

  var id: String { sockets?.id ?? bare?.engine.id ?? "" }
  var isOpen: Bool { sockets?.isOpen ?? bare?.engine.isOpen ?? false }
  var deadline: Moment { sockets?.deadline ?? bare?.engine.deadline ?? .never }

  func writesDirectly(_ namespace: String) -> Bool { sockets?.writesDirectly(namespace) ?? false }

  mutating func tick(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.tick(now: now) { return actions }
    return wrapped(bare?.engine.tick(now: now))
  }

  mutating func receive(_ frame: EngineFrame, _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.receive(frame, now: now) { return actions }
    return echoed(bare?.engine.receive(frame, now: now), now)
  }

  mutating func webSocketClosed(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.webSocketClosed(now: now) { return actions }
    return wrapped(bare?.engine.webSocketClosed(now: now))
  }

  mutating func pollOpened(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.pollOpened(now: now) { return actions }
    return wrapped(bare?.engine.pollOpened(now: now))
  }

  mutating func pollClosed(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.pollClosed(now: now) { return actions }
    return wrapped(bare?.engine.pollClosed(now: now))
  }

  mutating func pushOpened(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.pushOpened(now: now) { return actions }
    return wrapped(bare?.engine.pushOpened(now: now))
  }

  mutating func receive(push body: [UInt8], _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.receive(push: body, now: now) { return actions }
    return echoed(bare?.engine.receive(push: body, now: now), now)
  }

  mutating func pushFailed(_ reason: CloseReason, _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.pushFailed(reason, now: now) { return actions }
    return wrapped(bare?.engine.pushFailed(reason, now: now))
  }

  mutating func probeOpened(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.probeOpened(now: now) { return actions }
    return wrapped(bare?.engine.probeOpened(now: now))
  }

  mutating func receiveProbe(_ frame: EngineFrame, _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.receiveProbe(frame, now: now) { return actions }
    return wrapped(bare?.engine.receiveProbe(frame, now: now))
  }

  mutating func probeClosed(_ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.probeClosed(now: now) { return actions }
    bare?.engine.probeClosed()
    return []
  }

  mutating func close(_ reason: CloseReason, _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.close(reason, now: now) { return actions }
    return wrapped(bare?.engine.close(reason, now: now))
  }

  mutating func fail(_ reason: CloseReason, _ now: Moment) -> [RealtimeAction] {
    if let actions = sockets?.fail(reason, now: now) { return actions }
    return wrapped(bare?.engine.close(reason, now: now))
  }

  // MARK: Socket.IO alone

  mutating func send(_ packet: EncodedPacket, _ namespace: String, _ now: Moment)
    -> [RealtimeAction]
  {
    sockets?.send(packet, namespace: namespace, now: now) ?? []
  }

  mutating func accept(_ namespace: String, socketID: String, _ now: Moment) -> [RealtimeAction] {
    sockets?.accept(namespace, socketID: socketID, now: now) ?? []
  }

  mutating func refuse(
    _ namespace: String, _ message: String, _ data: JSONValue?, _ now: Moment
  ) -> [RealtimeAction] {
    sockets?.refuse(namespace, message: message, data: data, now: now) ?? []
  }

  mutating func disconnect(_ namespace: String, _ now: Moment) -> [RealtimeAction] {
    sockets?.disconnect(namespace, now: now) ?? []
  }

  // MARK: Engine.IO alone

  private func wrapped(_ actions: [EngineAction]?) -> [RealtimeAction] {
    actions?.map(RealtimeAction.transport) ?? []
  }

  /// What came as a message goes back as one, in its place among the other actions.
  private mutating func echoed(_ actions: [EngineAction]?, _ now: Moment) -> [RealtimeAction] {
    (actions ?? []).flatMap { action -> [EngineAction] in
      guard case .message(let message) = action else { return [action] }
      return bare?.engine.send([message.frame], now: now) ?? []
    }.map(RealtimeAction.transport)
  }
}

/// Somewhere else, so that it takes no room where it is not used.
private final class BareSession {
  var engine: EngineSession

  init(_ engine: EngineSession) { self.engine = engine }
}
