// What comes in and goes out, whatever the transport.

extension EngineSession {
  /// A frame of the session's WebSocket; the message in it, if it is one.
  mutating func accept(_ frame: EngineFrame, _ now: Moment, _ actions: inout [EngineAction])
    -> EngineMessage?
  {
    guard writesDirectly else { return nil }
    guard frame.byteCount <= settings.maxPayloadBytes else {
      fail(.payloadTooLarge, now, &actions)
      return nil
    }
    guard let packet = EnginePacket(frame) else {
      fail(.parseError, now, &actions)
      return nil
    }
    return accept(packet, now, &actions)
  }

  mutating func accept(_ packet: EnginePacket, _ now: Moment, _ actions: inout [EngineAction])
    -> EngineMessage?
  {
    switch packet {
    case .message(let message): return message
    case .pong: receivePong(now)
    case .close: closeByClient(now, &actions)
    // The server asks, since revision 4.
    case .ping: fail(.parseError, now, &actions)
    // Without meaning here, and harmless.
    case .open, .upgrade, .noop: break
    }
    return nil
  }

  mutating func send(
    _ frames: some Sequence<EngineFrame>, _ now: Moment, _ actions: inout [EngineAction]
  ) {
    guard isOpen else { return }
    if transport == .websocket {
      for frame in frames { actions.append(.write(frame)) }
      return
    }
    for frame in frames { queue.append(frame) }
    if isPollWaiting, !queue.isEmpty {
      answerPoll(&actions)
    } else if queue.byteCount > settings.bufferLimitBytes
      || queue.frames.count > settings.bufferLimitFrames
    {
      fail(.slowReader, now, &actions)
    }
  }
}
