// What a transport and an application tell a session, besides what it receives.

extension RealtimeSession {
  /// Sends a packet. A client that is not in its namespace gets nothing.
  package mutating func send(_ packet: EncodedPacket, namespace: String = "/", now: Moment)
    -> [RealtimeAction]
  {
    guard isConnected(namespace) else { return [] }
    return drive { $0.send(packet.frames, now: now) }
  }

  /// Sends an event that the client is to acknowledge.
  ///
  /// - Returns: an `id` of `nil` where the client is not there, or leaves too many unacknowledged; then nothing is sent.
  package mutating func sendAwaitingAcknowledgement(
    _ name: String, _ arguments: [JSONValue], namespace: String = "/", now: Moment
  ) -> (id: Int64?, actions: [RealtimeAction]) {
    guard isOpen, let id = awaitAcknowledgement(in: namespace) else { return (nil, []) }
    let packet = EncodedPacket.event(name, arguments, namespace: namespace, id: id)
    return (id, send(packet, namespace: namespace, now: now))
  }

  /// The application says yes to ``RealtimeAction/connect(namespace:auth:)``.
  package mutating func accept(_ namespace: String, socketID: String, now: Moment)
    -> [RealtimeAction]
  {
    drive(now) { $0.accept(namespace, socketID: socketID, now: now) }
  }

  /// The application says no.
  package mutating func refuse(
    _ namespace: String, message: String, data: JSONValue? = nil, now: Moment
  ) -> [RealtimeAction] {
    drive(now) { $0.refuse(namespace, message: message, data: data) }
  }

  /// Puts the client out of a namespace; it does not come back by itself.
  package mutating func disconnect(_ namespace: String, now: Moment) -> [RealtimeAction] {
    drive(now) { $0.disconnect(namespace, now: now) }
  }

  /// Ends the session orderly: what waits still reaches the client, and clients come back by themselves.
  package mutating func close(_ reason: CloseReason, now: Moment) -> [RealtimeAction] {
    drive { $0.close(reason, now: now) }
  }

  /// Ends the session at once, dropping what waits: a slow reader, or one that sends too much.
  package mutating func fail(_ reason: CloseReason, now: Moment) -> [RealtimeAction] {
    drive { engine in
      var actions: [EngineAction] = []
      engine.fail(reason, now, &actions)
      return actions
    }
  }

  /// A GET came. It is answered at once, refused, or waits.
  package mutating func pollOpened(now: Moment) -> [RealtimeAction] {
    drive { $0.pollOpened(now: now) }
  }

  /// The poll that was waiting broke off.
  package mutating func pollClosed(now: Moment) -> [RealtimeAction] {
    drive { $0.pollClosed(now: now) }
  }

  /// The head of a POST came. Unless it is refused, `receive(push:now:)` or `pushFailed(_:now:)` follows.
  package mutating func pushOpened(now: Moment) -> [RealtimeAction] {
    drive { $0.pushOpened(now: now) }
  }

  /// The body of a POST did not come whole, or is too large.
  package mutating func pushFailed(_ reason: CloseReason, now: Moment) -> [RealtimeAction] {
    drive { $0.pushFailed(reason, now: now) }
  }

  /// A WebSocket asks for the session; refused unless it polls and no other asks.
  package mutating func probeOpened(now: Moment) -> [RealtimeAction] {
    drive { $0.probeOpened(now: now) }
  }

  /// A frame of the WebSocket that asks for the session.
  package mutating func receiveProbe(_ frame: EngineFrame, now: Moment) -> [RealtimeAction] {
    drive { $0.receiveProbe(frame, now: now) }
  }

  /// The WebSocket that asked for the session is gone; the session polls on.
  package mutating func probeClosed(now: Moment) -> [RealtimeAction] {
    drive { engine in
      engine.probeClosed()
      return []
    }
  }

  /// The session's WebSocket is gone.
  package mutating func webSocketClosed(now: Moment) -> [RealtimeAction] {
    drive { $0.webSocketClosed(now: now) }
  }
}
