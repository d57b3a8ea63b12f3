// A connection's sockets, and what the application is asked about them.

import NIOCore
import RealtimeProtocol
import Synchronization

// MARK: Sockets

extension RealtimeConnection {
  /// Sends one packet to one of this connection's sockets.
  func send(_ packet: OutgoingPacket, to socket: ServedSocket) {
    guard socket.isAccepted else { return hold(packet, for: socket) }
    shard.counters.sent.up()
    if machine.writesDirectly(socket.namespace), let webSocket {
      shard.order(.packet(packet), webSocket)
    } else {
      perform(machine.send(packet.packet, socket.namespace, now))
    }
  }

  private func hold(_ packet: OutgoingPacket, for socket: ServedSocket) {
    // Where the session is over the socket learns it with its decision; nothing may gather meanwhile.
    guard machine.isOpen else { return }
    if !socket.hold(packet, limitBytes: shard.shared.settings.inFlightLimitBytes) { tooSlow() }
  }

  func end(_ socket: ServedSocket, _ end: SocketEnd) {
    guard socket.isAccepted else {
      socket.end = end
      return
    }
    switch end {
    case .ended(let text):
      perform(machine.disconnect(socket.namespace, now))
      if sockets.isEmpty { perform(machine.close(CloseReason(text), now)) }
    case .interrupted(let text): perform(machine.close(CloseReason(text), now))
    }
    shard.watch(self)
  }

  func connect(_ namespace: String, _ auth: JSONObject) {
    guard sockets.count < shard.shared.settings.namespacesPerConnection else {
      return perform(machine.refuse(namespace, "too many namespaces", nil, now))
    }
    let socket = shard.addSocket(namespace, self)
    sockets.append(socket)
    call(
      .connect(
        ConnectRequest(socket: socket.id, namespace: namespace, auth: auth, client: client)))
  }

  func hand(over event: SocketEvent) {
    guard let socket = socket(event.namespace) else { return }
    call(
      .event(
        IncomingEvent(
          socket: socket.id, namespace: event.namespace, name: event.name,
          arguments: event.arguments, acknowledgementID: event.id)))
  }

  func disconnected(_ namespace: String, _ reason: CloseReason) {
    guard let socket = socket(namespace) else { return }
    forget(socket)
    call(.disconnected(socket.id, reason))
  }

  private func forget(_ socket: ServedSocket) {
    sockets.removeAll { $0 === socket }
    shard.removeSocket(socket)
  }

  /// The newest of its name: an older one is on its way out.
  private func socket(_ namespace: String) -> ServedSocket? {
    sockets.last { $0.namespace == namespace }
  }
}

// MARK: The application

extension RealtimeConnection {
  private func call(_ call: PendingCall) {
    callCount += 1
    shard.shared.calls.begun()
    if calls.withLock({ $0.append(call) }) { shard.shared.calls.append(self) }
    // A body of a request holds more events than wait otherwise; a flood ends the session.
    if callCount > shard.shared.settings.eventQueueLimit * 64, machine.isOpen {
      fail(CloseReason("too many events wait", webSocketCode: 1008))
    }
  }

  func decided(_ decision: ConnectDecision, _ request: ConnectRequest) {
    defer { callEnded() }
    guard let socket = sockets.first(where: { $0.id == request.socket }) else { return }
    switch decision {
    case .accepted:
      // Counted before the machine is asked: it may answer that the client has gone, which counts back.
      let actions = machine.accept(
        socket.namespace, socketID: socket.id.clientName, now)
      perform(actions)
      guard socket.connection != nil else { return }
      socket.isAccepted = true
      for packet in socket.takeHeld() { send(packet, to: socket) }
      if let end = socket.end { self.end(socket, end) }
    case .refused(let message, let data):
      forget(socket)
      perform(machine.refuse(socket.namespace, message, data, now))
    }
    shard.watch(self)
  }

  func answered(_ packet: OutgoingPacket?, to socket: SocketID) {
    defer { callEnded() }
    guard let packet, let socket = sockets.first(where: { $0.id == socket }) else { return }
    send(packet, to: socket)
  }

  func callEnded() {
    callCount -= 1
    shard.shared.calls.ended()
    readOn()
  }

  private func readOn() {
    guard isReadingPaused, callCount <= shard.shared.settings.eventQueueLimit / 2 else { return }
    isReadingPaused = false
    letPushGo()
    for handler in [webSocket, probe].compactMap(\.self) { shard.order(.resume, handler) }
    shard.watch(self)
  }
}
