// Requests for the hub: what is done with them, and how they are answered.

import HTTPTypes
import NIOCore
import NIOHTTPTypes
import RealtimeProtocol

extension RequestFront {
  func perform(_ request: OwnRequest, _ context: ChannelHandlerContext) {
    guard let number = own?.number else { return }
    let ticket = RequestTicket(self, number: number, loop: context.eventLoop)
    switch request.wish {
    case .answer(let answer): ticket.answer(answer)
    case .handshake: handshake(request, ticket)
    case .poll(let id):
      withSession(id, request.place, ticket) { session in
        ticket.perform { $0.waits(for: session, number: number) }
        session.pollOpened(ticket)
      }
    case .push(let id):
      let body = request.body
      withSession(id, request.place, ticket) { $0.push(body, ticket) }
    case .webSocket(let offer, let id?): takeOver(id, offer, request.place, ticket)
    case .webSocket(let offer, nil): openWebSocket(offer, request, ticket)
    }
  }

  func handshake(_ request: OwnRequest, _ ticket: RequestTicket) {
    guard let client = admit(request, ticket) else { return }
    let shard = request.place.shard
    let opened = RealtimeConnection.open(.polling, client: client, shard: shard)
    shard.add(opened.connection, isPolling: true)
    opened.connection.begin(opened.actions, poll: ticket)
  }

  /// Counts a new session against the limits.
  func admit(_ request: OwnRequest, _ ticket: RequestTicket) -> ClientOrigin? {
    guard !isQuiescing else {
      ticket.answer(.stopping)
      return nil
    }
    let client = client(request.claimed)
    do throws(Origins.Refusal) {
      try request.place.shard.shared.origins.add(client.countKey)
      return client
    } catch {
      request.place.shard.counters.refused.up()
      switch error {
      case .full, .stopping: ticket.answer(.stopping)
      case .tooManyFromOrigin:
        ticket.answer(
          .refused(.forbidden("too many connections from one address"), status: .tooManyRequests))
      }
      return nil
    }
  }

  /// On the session's event loop, where there is such a session.
  func withSession(
    _ id: String, _ place: HubPlace, _ ticket: RequestTicket,
    _ work: @escaping @Sendable (RealtimeConnection) -> Void
  ) {
    guard let home = place.hub.shard(session: id) else {
      return ticket.answer(.refused(.unknownSession))
    }
    let look: @Sendable () -> Void = {
      if let session = home.pollingSession(id) {
        work(session)
      } else {
        ticket.answer(.refused(.unknownSession))
      }
    }
    if home === place.shard { look() } else { home.loop.execute(look) }
  }

  func waits(for session: RealtimeConnection, number: Int) {
    guard own?.number == number else {
      let ticket = context.map { RequestTicket(self, number: number, loop: $0.eventLoop) }
      if let ticket { session.shard.loop.execute { session.requestClosed(ticket) } }
      return
    }
    own?.session = session
    // The server told its connections of its end while the poll was on its way to the session.
    if isQuiescing { session.shard.loop.execute { session.close(.serverShuttingDown) } }
  }

  func pushTooLarge(_ id: String, _ place: HubPlace) {
    if let home = place.hub.shard(session: id) {
      home.loop.execute { home.pollingSession(id)?.pushTooLarge() }
    }
    refuseUnread(.tooLarge)
  }

  /// Answers before the request was read to its end; the connection ends with it.
  func refuseUnread(_ refusal: EngineAnswer) {
    guard let number = own?.number else { return }
    course = .answered
    var refusal = refusal
    refusal.closesConnection = true
    answer(refusal, number: number)
  }

  func answer(_ answer: EngineAnswer, number: Int) {
    guard let own, own.number == number, let context else { return }
    self.own = nil
    var answer = answer
    if isQuiescing || own.isLast { answer.closesConnection = true }
    if answer.closesConnection { isEnding = true }
    context.write(wrapOutboundOut(.head(answer.head(own.cross))), promise: nil)
    if !answer.body.isEmpty, !own.hidesBody {
      context.write(wrapOutboundOut(.body(ByteBuffer(bytes: answer.body))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if isEnding { endConnection(context) }
    takeHeld()
  }

  /// The client sees the answer and then the end; what it still sends is thrown away for a moment.
  func endConnection(_ context: ChannelHandlerContext) {
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) { [weak self] in
      self?.context?.close(promise: nil)
    }
  }
}
