// The namespaces of one session.

/// Socket.IO's part of a session: who joined which namespace, and packets that wait for their attachments.
///
/// Pure, like ``EngineSession``, on which it stands: messages go in, what is to be done comes out.
package struct SocketSession: Sendable {
  let settings: RealtimeSettings
  var namespaces: [NamespaceState] = []
  private var partial: PartialPacket?
  private var connectDeadline: Moment
  private var isEnded = false

  package init(settings: RealtimeSettings, now: Moment) {
    self.settings = settings
    connectDeadline = now + settings.connectTimeout
  }

  /// When ``tick(now:)`` wants to be called, at the latest.
  package var deadline: Moment {
    isEnded ? .never : min(connectDeadline, partial?.deadline ?? .never)
  }

  package mutating func tick(now: Moment) -> [SocketAction] {
    guard !isEnded, now >= deadline else { return [] }
    return fail(partial == nil ? .connectTimeout : .attachmentTimeout)
  }

  /// A message of the client.
  package mutating func receive(_ message: EngineMessage, now: Moment) -> [SocketAction] {
    guard !isEnded else { return [] }
    switch (message, partial) {
    case (.text(let text), nil): return receive(text, now)
    case (.binary(let bytes), _?): return receive(attachment: bytes, now)
    // Attachments come at once behind their packet, and nowhere else.
    case (.text, _?), (.binary, nil): return fail(.parseError)
    }
  }

  /// The session is over: every namespace that was joined is left.
  package mutating func end(_ reason: CloseReason) -> [SocketAction] {
    guard !isEnded else { return [] }
    isEnded = true
    partial = nil
    defer { namespaces = [] }
    return namespaces.indices.compactMap { leave(at: $0, reason) }
  }

  private mutating func receive(_ text: ArraySlice<UInt8>, _ now: Moment) -> [SocketAction] {
    // A failure is told by ending the session; why exactly is nothing that a hostile client needs to know.
    guard let packet = try? SocketPacket(text, settings: settings) else { return fail(.parseError) }
    guard packet.attachmentCount > 0 else { return receive(packet, now) }
    partial = PartialPacket(packet: packet, deadline: now + settings.attachmentTimeout)
    return []
  }

  private mutating func receive(attachment: [UInt8], _ now: Moment) -> [SocketAction] {
    guard partial?.append(attachment, limitBytes: settings.maxPayloadBytes) == true else {
      return fail(.payloadTooLarge)
    }
    guard let packet = partial?.whole else { return [] }
    partial = nil
    return receive(packet, now)
  }

  private mutating func receive(_ packet: SocketPacket, _ now: Moment) -> [SocketAction] {
    let index = namespaces.firstIndex { $0.name == packet.namespace }
    switch packet.kind {
    case .connect: return connect(packet, at: index)
    case .disconnect: return disconnect(at: index, now)
    case .event: return receive(event: packet, at: index)
    case .ack: return receive(ack: packet, at: index)
    case .connectError: return fail(.parseError)
    }
  }

  mutating func fail(_ reason: CloseReason) -> [SocketAction] {
    // The namespaces are left when the transport has told of the end.
    partial = nil
    connectDeadline = .never
    return [.fail(reason)]
  }

  mutating func restartConnectDeadline(_ now: Moment) {
    let isInUse = namespaces.contains(where: \.isConnected)
    connectDeadline = isInUse ? .never : now + settings.connectTimeout
  }
}
