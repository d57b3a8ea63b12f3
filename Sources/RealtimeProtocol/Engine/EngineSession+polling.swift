// Requests of a session that polls: one GET that waits, one POST at a time.

extension EngineSession {
  /// A GET came. It is answered at once, refused, or waits.
  package mutating func pollOpened(now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    expire(now, &actions)
    guard isOpen else {
      answerLatePoll(&actions)
      return actions
    }
    if transport == .websocket {
      actions.append(.refuseRequest(.badRequest))
    } else if isPollWaiting {
      // Two at once would put packets out of order; the protocol wants the session closed.
      fail(.transportError, now, &actions)
      actions.append(.refuseRequest(.badRequest))
    } else {
      isPollWaiting = true
      if queue.isEmpty && upgrade.isConfirmed { queue.append(.noop) }
      if !queue.isEmpty { answerPoll(&actions) }
    }
    return actions
  }

  /// The poll that was waiting broke off. What it would have carried may be lost, so the session ends.
  package mutating func pollClosed(now: Moment) -> [EngineAction] {
    guard isOpen, isPollWaiting else { return [] }
    isPollWaiting = false
    var actions: [EngineAction] = []
    fail(.transportError, now, &actions)
    return actions
  }

  /// The head of a POST came. Unless it is refused, its body goes to ``receive(push:now:)``, or
  /// ``pushFailed(_:now:)`` is told.
  package mutating func pushOpened(now: Moment) -> [EngineAction] {
    guard isOpen else { return [.refuseRequest(endedRefusal)] }
    guard transport == .polling else { return [.refuseRequest(.badRequest)] }
    guard !isPushing else {
      var actions: [EngineAction] = []
      fail(.transportError, now, &actions)
      return actions + [.refuseRequest(.badRequest)]
    }
    isPushing = true
    return []
  }

  /// The body of a POST.
  package mutating func receive(push body: [UInt8], now: Moment) -> [EngineAction] {
    var actions: [EngineAction] = []
    guard var payload = takePush(body, now, &actions) else { return actions }
    while let message = nextMessage(of: &payload, now, &actions) {
      actions.append(.message(message))
    }
    return actions
  }

  /// The body of a POST did not come whole, or is too large.
  package mutating func pushFailed(_ reason: CloseReason, now: Moment) -> [EngineAction] {
    guard isPushing else { return [] }
    isPushing = false
    guard transport == .polling else { return [] }
    var actions: [EngineAction] = []
    fail(reason, now, &actions)
    return actions
  }

  /// The packets of a POST; `nil` where it is refused.
  mutating func takePush(_ body: [UInt8], _ now: Moment, _ actions: inout [EngineAction])
    -> PollingPayload?
  {
    isPushing = false
    guard isOpen, transport == .polling else {
      actions.append(.refuseRequest(isOpen ? .badRequest : endedRefusal))
      return nil
    }
    guard body.count <= settings.maxPayloadBytes, let payload = PollingPayload(body) else {
      fail(body.count > settings.maxPayloadBytes ? .payloadTooLarge : .parseError, now, &actions)
      actions.append(.refuseRequest(.badRequest))
      return nil
    }
    return payload
  }

  /// Goes on to the next message; at the end the POST is answered, and there is none.
  mutating func nextMessage(
    of payload: inout PollingPayload, _ now: Moment, _ actions: inout [EngineAction]
  ) -> EngineMessage? {
    // What a client sends behind its own end means nothing.
    while isOpen, let packet = payload.next() {
      guard case .success(let packet) = packet else {
        fail(.parseError, now, &actions)
        actions.append(.refuseRequest(.badRequest))
        return nil
      }
      if let message = accept(packet, now, &actions) { return message }
    }
    actions.append(.acceptPush)
    return nil
  }

  mutating func answerPoll(_ actions: inout [EngineAction]) {
    isPollWaiting = false
    actions.append(.answerPoll(queue.takeBody(limitBytes: settings.maxPayloadBytes)))
  }

  /// The session is over; what it still had to say goes to those who ask.
  private mutating func answerLatePoll(_ actions: inout [EngineAction]) {
    switch phase {
    case .closing(_, nil): answerPoll(&actions)
    case .closing, .closed, .open: actions.append(.refuseRequest(endedRefusal))
    }
    if case .closing = phase, queue.isEmpty { finish(&actions) }
  }

  private var endedRefusal: EngineRefusal {
    if case .closing(_, let reason?) = phase { .ended(reason) } else { .unknownSession }
  }
}
