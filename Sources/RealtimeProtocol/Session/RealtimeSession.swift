// Engine.IO and Socket.IO as one machine.

/// A client's session: what a transport drives.
///
/// Whatever arrives is handed in with the moment of its arrival; the actions are done in their order. Any call is allowed
/// at any time. One event loop owns a session.
package struct RealtimeSession: Sendable {
  private var engine: EngineSession
  private var sockets: SocketSession

  /// The first actions are the handshake: the answer to the poll that asked for it, or the first frame.
  package static func open(
    id: String, transport: EngineTransport, settings: RealtimeSettings, now: Moment
  ) -> (session: RealtimeSession, actions: [RealtimeAction]) {
    let opened = EngineSession.open(
      id: id, transport: transport, settings: settings, now: now)
    let sockets = SocketSession(settings: settings, now: now)
    return (
      RealtimeSession(engine: opened.session, sockets: sockets),
      opened.actions.map(RealtimeAction.transport)
    )
  }

  package var id: String { engine.id }
  package var transport: EngineTransport { engine.transport }
  package var isOpen: Bool { engine.isOpen }
  /// What waits here for the client, in bytes; what a WebSocket still has to write is known to its channel.
  package var waitingBytes: Int { engine.waitingBytes }
  /// When ``tick(now:)`` wants to be called, at the latest. May be asked after every call.
  package var deadline: Moment { min(engine.deadline, engine.isOpen ? sockets.deadline : .never) }
  package func isConnected(_ namespace: String) -> Bool { sockets.isConnected(namespace) }

  /// Whether a packet for this namespace may be written to the WebSocket at once: how a broadcast does it.
  ///
  /// Otherwise it goes through ``send(_:now:)``, which keeps it for a client that polls.
  package func writesDirectly(_ namespace: String) -> Bool {
    engine.writesDirectly && sockets.isConnected(namespace)
  }

  package mutating func tick(now: Moment) -> [RealtimeAction] {
    var actions: [RealtimeAction] = []
    step(&actions) { engine, steps in engine.expire(now, &steps) }
    if engine.isOpen { perform(sockets.tick(now: now), now, &actions) }
    return actions
  }

  /// A frame of the session's WebSocket.
  package mutating func receive(_ frame: EngineFrame, now: Moment) -> [RealtimeAction] {
    var actions: [RealtimeAction] = []
    let message = step(&actions) { engine, steps in engine.accept(frame, now, &steps) }
    if let message { perform(sockets.receive(message, now: now), now, &actions) }
    return actions
  }

  /// The body of a POST.
  package mutating func receive(push body: [UInt8], now: Moment) -> [RealtimeAction] {
    var actions: [RealtimeAction] = []
    let payload = step(&actions) { engine, steps in engine.takePush(body, now, &steps) }
    guard var payload else { return actions }
    while let message = step(
      &actions, { engine, steps in engine.nextMessage(of: &payload, now, &steps) })
    {
      perform(sockets.receive(message, now: now), now, &actions)
    }
    return actions
  }

  /// Any other call of the engine.
  mutating func drive(_ call: (inout EngineSession) -> [EngineAction]) -> [RealtimeAction] {
    var actions: [RealtimeAction] = []
    step(&actions) { engine, steps in steps = call(&engine) }
    return actions
  }

  /// Any other call of the namespaces.
  mutating func drive(_ now: Moment, _ call: (inout SocketSession) -> [SocketAction])
    -> [RealtimeAction]
  {
    var actions: [RealtimeAction] = []
    perform(call(&sockets), now, &actions)
    return actions
  }

  mutating func awaitAcknowledgement(in namespace: String) -> Int64? {
    sockets.awaitAcknowledgement(in: namespace)
  }

  /// Lets the engine do something, and tells the namespaces when it has ended.
  @discardableResult
  private mutating func step<Result>(
    _ actions: inout [RealtimeAction],
    _ call: (inout EngineSession, inout [EngineAction]) -> Result
  ) -> Result {
    var steps: [EngineAction] = []
    let result = call(&engine, &steps)
    for step in steps {
      actions.append(.transport(step))
      if case .closed(let reason) = step {
        for action in sockets.end(reason) { append(action, &actions) }
      }
    }
    return result
  }

  private mutating func perform(
    _ socketActions: [SocketAction], _ now: Moment, _ actions: inout [RealtimeAction]
  ) {
    for action in socketActions {
      switch action {
      case .send(let packet):
        step(&actions) { engine, steps in engine.send(packet.frames, now, &steps) }
      case .fail(let reason): step(&actions) { engine, steps in engine.fail(reason, now, &steps) }
      default: append(action, &actions)
      }
    }
  }

  private func append(_ action: SocketAction, _ actions: inout [RealtimeAction]) {
    switch action {
    case .connect(let namespace, let auth):
      actions.append(.connect(namespace: namespace, auth: auth))
    case .event(let event): actions.append(.event(event))
    case .acknowledged(let namespace, let id, let arguments):
      actions.append(.acknowledged(namespace: namespace, id: id, arguments: arguments))
    case .disconnected(let namespace, let socketID, let reason):
      actions.append(.disconnected(namespace: namespace, socketID: socketID, reason: reason))
    case .send, .fail: break
    }
  }
}
