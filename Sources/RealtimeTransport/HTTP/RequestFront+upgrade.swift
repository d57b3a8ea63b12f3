// How a connection stops being HTTP and becomes a WebSocket.

import NIOCore
import RealtimeProtocol

extension RequestFront {
  func openWebSocket(
    _ offer: WebSocketOffer, _ request: OwnRequest, _ ticket: RequestTicket
  ) {
    guard let client = admit(request, ticket) else { return }
    let shard = request.place.shard
    let hidesTail = hasServer
    let make: UpgradeInProgress.Make = {
      let (connection, actions) = RealtimeConnection.open(.websocket, client: client, shard: shard)
      let handler = WebSocketHandler(
        connection: connection, shard: shard, compresses: offer.compression != nil,
        hidesTail: hidesTail)
      // Only once the handler is in its place: from then on its end is the session's.
      let begin = {
        shard.add(connection, isPolling: false)
        connection.begin(actions, webSocket: handler)
      }
      return (handler, begin)
    }
    begin(
      UpgradeInProgress(
        answer: offer.answer, make: make,
        abandon: { shard.shared.origins.remove(client.countKey) }))
  }

  func takeOver(
    _ id: String, _ offer: WebSocketOffer, _ place: HubPlace, _ ticket: RequestTicket
  ) {
    withSession(id, place, ticket) { session in
      if let refusal = session.probeRefusal() { return ticket.answer(.refused(refusal)) }
      ticket.perform { front in
        front.takeOver(session, offer, place.shard)
      }
    }
  }

  func takeOver(
    _ session: RealtimeConnection, _ offer: WebSocketOffer, _ shard: HubShard
  ) {
    let hidesTail = hasServer
    let abandon = { session.shard.loop.execute { session.probeAbandoned() } }
    guard let number = own?.number else { return abandon() }
    guard !isQuiescing else {
      // The server has told its connections of its end: this one would never hear of it.
      abandon()
      return answer(.stopping, number: number)
    }
    let make: UpgradeInProgress.Make = {
      let handler = WebSocketHandler(
        connection: session, shard: shard, compresses: offer.compression != nil,
        hidesTail: hidesTail)
      let begin = {
        // At once where that is possible: frames that came behind the request are handed over right after this.
        if session.shard === shard {
          session.probeOpened(handler)
        } else {
          session.shard.loop.execute { session.probeOpened(handler) }
        }
      }
      return (handler, begin)
    }
    begin(UpgradeInProgress(answer: offer.answer, make: make, abandon: abandon))
  }

  /// Takes HTTP's handlers out, tells the client, and puts the WebSocket in their place.
  func begin(_ upgrade: UpgradeInProgress) {
    guard let context, self.upgrade == nil else { return upgrade.abandon() }
    own = nil
    self.upgrade = upgrade
    if hasServer {
      // The server's loop over requests ends. Its wish to close what it answered is not heard.
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
    // In the next turn, when no handler that goes is in the middle of a request any more.
    context.eventLoop.assumeIsolated().execute { self.removeHTTP() }
  }

  func removeHTTP() {
    guard let context, upgrade != nil else { return }
    let pipeline = context.pipeline.syncOperations
    for handler in before { pipeline.removeHandler(handler, promise: nil) }
    let removed = context.eventLoop.makePromise(of: Void.self)
    removed.futureResult.assumeIsolated().whenComplete { _ in self.becomeWebSocket() }
    pipeline.removeHandler(decoder, promise: removed)
  }

  func becomeWebSocket() {
    guard let context, let upgrade else { return }
    self.upgrade = nil
    context.writeAndFlush(NIOAny(upgrade.answer), promise: nil)
    let pipeline = context.pipeline.syncOperations
    let (handler, begin) = upgrade.make()
    do {
      try pipeline.addHandler(handler, position: .before(self))
    } catch {
      // The channel is closed; a session that nobody would ever end must not begin.
      upgrade.abandon()
      return context.close(promise: nil)
    }
    begin()
    if upgrade.early.readableBytes > 0 { handler.arrived(upgrade.early) }
    // The server's part, whose turn it was to ask for more, has ended; or a wish for more was put off for the sake of
    // answers that nobody took, and would go with this handler.
    if hasServer || isReadWanted { context.read() }
    pipeline.removeHandler(self, promise: nil)
  }
}
