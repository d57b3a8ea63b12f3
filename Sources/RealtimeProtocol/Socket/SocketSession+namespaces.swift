// Joining and leaving namespaces, and what is said in them.

extension SocketSession {
  package func isConnected(_ namespace: String) -> Bool {
    namespaces.contains { $0.isConnected && $0.name == namespace }
  }

  /// The client may join.
  ///
  /// - Parameter socketID: tells this client in this namespace from all others; not a secret. Needs no escapes.
  /// - Returns: also the end, where the client has gone in the meantime.
  package mutating func accept(_ namespace: String, socketID: String, now: Moment) -> [SocketAction]
  {
    guard let index = index(of: namespace), case .connecting = namespaces[index].phase else {
      forgetAbandoned(namespace)
      return [
        .disconnected(
          namespace: namespace, socketID: socketID, reason: .clientNamespaceDisconnect)
      ]
    }
    namespaces[index].phase = .connected(socketID: socketID)
    restartConnectDeadline(now)
    return [.send(.connected(namespace, socketID: socketID))]
  }

  /// The client may not join.
  package mutating func refuse(_ namespace: String, message: String, data: JSONValue? = nil)
    -> [SocketAction]
  {
    guard let index = index(of: namespace), case .connecting = namespaces[index].phase else {
      forgetAbandoned(namespace)
      return []
    }
    namespaces.remove(at: index)
    return [.send(.refused(namespace, message: message, data: data))]
  }

  /// Puts the client out of the namespace. It does not come back by itself, as it does when the session ends.
  package mutating func disconnect(_ namespace: String, now: Moment) -> [SocketAction] {
    guard let index = index(of: namespace),
      let left = leave(at: index, .serverNamespaceDisconnect)
    else { return [] }
    restartConnectDeadline(now)
    return [.send(.disconnect(namespace)), left]
  }

  /// An identifier for an event that the client is to acknowledge.
  ///
  /// `nil` where the client is not in the namespace, or leaves too many unacknowledged.
  package mutating func awaitAcknowledgement(in namespace: String) -> Int64? {
    guard let index = index(of: namespace), namespaces[index].isConnected else { return nil }
    return namespaces[index].awaitAcknowledgement(limit: settings.awaitedAcknowledgementLimit)
  }

  mutating func connect(_ packet: SocketPacket, at index: Int?) -> [SocketAction] {
    guard settings.namespaces.contains(packet.namespace) else {
      return [.send(.refused(packet.namespace, message: "Invalid namespace", data: nil))]
    }
    if let index {
      guard case .left = namespaces[index].phase else { return fail(.parseError) }
      namespaces.remove(at: index)
    }
    namespaces.append(NamespaceState(packet.namespace))
    return [.connect(namespace: packet.namespace, auth: packet.payload?.object ?? JSONObject())]
  }

  mutating func disconnect(at index: Int?, _ now: Moment) -> [SocketAction] {
    guard let index else { return fail(.parseError) }
    switch namespaces[index].phase {
    case .connecting:
      namespaces[index].phase = .abandoned
      return []
    case .abandoned: return fail(.parseError)
    case .left: return []
    case .connected:
      let left = leave(at: index, .clientNamespaceDisconnect)
      namespaces.remove(at: index)
      restartConnectDeadline(now)
      return left.map { [$0] } ?? []
    }
  }

  mutating func receive(event packet: SocketPacket, at index: Int?) -> [SocketAction] {
    guard let index, case .array(let elements)? = packet.payload,
      case .string(let name)? = elements.first
    else { return fail(.parseError) }
    return whileConnected(at: index) {
      .event(
        SocketEvent(
          namespace: packet.namespace, name: name, arguments: Array(elements.dropFirst()),
          id: packet.id))
    }
  }

  mutating func receive(ack packet: SocketPacket, at index: Int?) -> [SocketAction] {
    guard let index, let id = packet.id, case .array(let arguments)? = packet.payload else {
      return fail(.parseError)
    }
    // Nobody waits for one that nobody asked for, or for the second one.
    guard !namespaces[index].isConnected || namespaces[index].takeAcknowledgement(id) else {
      return []
    }
    return whileConnected(at: index) {
      .acknowledged(namespace: packet.namespace, id: id, arguments: arguments)
    }
  }

  private mutating func whileConnected(at index: Int, _ action: () -> SocketAction)
    -> [SocketAction]
  {
    switch namespaces[index].phase {
    case .connected: [action()]
    case .left: []
    // Nothing may be said before the server has said yes.
    case .connecting, .abandoned: fail(.parseError)
    }
  }

  /// Takes a client out of a namespace that it joined; any other phase stays.
  mutating func leave(at index: Int, _ reason: CloseReason) -> SocketAction? {
    guard let socketID = namespaces[index].socketID else { return nil }
    namespaces[index].phase = .left
    return .disconnected(
      namespace: namespaces[index].name, socketID: socketID, reason: reason)
  }

  private func index(of namespace: String) -> Int? {
    namespaces.firstIndex { $0.name == namespace }
  }

  /// The decision came that nobody waits for any more; the client may ask again.
  private mutating func forgetAbandoned(_ namespace: String) {
    namespaces.removeAll {
      if case .abandoned = $0.phase { $0.name == namespace } else { false }
    }
  }
}
