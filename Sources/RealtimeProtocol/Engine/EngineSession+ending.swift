// How a session ends: by the client, by the server, or because something is wrong.

extension EngineSession {
  /// The server wants the end: what waits is sent first, and a `close` packet behind it to a client that polls.
  mutating func close(_ reason: CloseReason, _ now: Moment, _ actions: inout [EngineAction]) {
    guard isOpen else { return }
    guard transport == .polling else { return end(reason, &actions) }
    sayFarewell(.close, reason, now, &actions)
  }

  /// The client wants the end. A poll of its own that crossed the packet is let go with a `noop`.
  mutating func closeByClient(_ now: Moment, _ actions: inout [EngineAction]) {
    guard transport == .polling else { return end(.transportClose, &actions) }
    queue.removeAll()
    sayFarewell(.noop, .transportClose, now, &actions)
  }

  /// Something is wrong: what waits is dropped, and a later request of the client is refused with the reason.
  mutating func fail(_ reason: CloseReason, _ now: Moment, _ actions: inout [EngineAction]) {
    guard isOpen else { return }
    queue.removeAll()
    if transport == .polling && !isPollWaiting {
      return linger(reason, refusal: reason, now, &actions)
    }
    if isPollWaiting { queue.append(.close) }
    end(reason, &actions)
  }

  /// Ends at once: whatever is open gets what waits, and closes.
  mutating func end(_ reason: CloseReason, _ actions: inout [EngineAction]) {
    abandonUpgrade(&actions)
    if isPollWaiting { answerPoll(&actions) }
    if transport == .websocket { actions.append(.closeWebSocket(reason)) }
    actions.append(.closed(reason))
    finish(&actions)
  }

  mutating func finish(_ actions: inout [EngineAction]) {
    phase = .closed
    queue.removeAll()
    actions.append(.finished)
  }

  private mutating func sayFarewell(
    _ frame: EngineFrame, _ reason: CloseReason, _ now: Moment, _ actions: inout [EngineAction]
  ) {
    queue.append(frame)
    if isPollWaiting { return end(reason, &actions) }
    linger(reason, refusal: nil, now, &actions)
  }

  /// No poll is waiting: the next one is told, within the time in which it has to come.
  private mutating func linger(
    _ reason: CloseReason, refusal: CloseReason?, _ now: Moment, _ actions: inout [EngineAction]
  ) {
    abandonUpgrade(&actions)
    actions.append(.closed(reason))
    phase = .closing(until: now + settings.pingTimeout, refusal: refusal)
  }
}
