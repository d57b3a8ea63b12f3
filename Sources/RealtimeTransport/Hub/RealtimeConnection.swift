// One client's connection: its protocol machine, and the channels that carry it.

import NIOCore
import RealtimeProtocol
import Synchronization

/// Drives one session's machine: what arrives goes in, what comes out is done.
///
/// The session lives on the event loop of the request that opened it. A WebSocket that takes it over later may live on
/// another one; then frames hop between the two.
// Only ever touched on its shard's event loop, except for `shard`, which never changes, and `calls`,
// which guards itself; otherwise the reference alone travels, in closures that execute there.
final class RealtimeConnection: @unchecked Sendable {
  let shard: HubShard
  let client: ClientOrigin
  var machine: SessionMachine
  var webSocket: WebSocketHandler?
  var probe: WebSocketHandler?
  /// Polls in the order in which they came; never more than two.
  private var polls: [RequestTicket] = []
  /// A push that is not answered yet because too many calls wait: its client may send no other one.
  var heldPush: RequestTicket?
  var sockets: [ServedSocket] = []

  /// Calls of the application that have not ended. Workers take them on their own threads.
  let calls = Mutex(CallLine())
  var callCount = 0
  var isReadingPaused = false
  private var hasEnded = false
  /// A WebSocket was promised the session, and has neither taken it over nor lost it.
  private var awaitsProbe = false

  /// The deadline for which the wheel looks at this connection.
  var watchedFor = Moment.never

  /// Opens a session. What it says first is done by `begin`.
  static func open(
    _ transport: EngineTransport, client: ClientOrigin, shard: HubShard
  ) -> (connection: RealtimeConnection, actions: [RealtimeAction]) {
    let opened = SessionMachine.open(
      id: shard.newSessionID(), transport: transport, layer: shard.shared.layer,
      settings: shard.shared.settings.sessions, now: DeadlineWheel.now())
    return (RealtimeConnection(opened.machine, client, shard), opened.actions)
  }

  private init(_ machine: SessionMachine, _ client: ClientOrigin, _ shard: HubShard) {
    (self.machine, self.client, self.shard) = (machine, client, shard)
  }

  var id: String { machine.id }
  var deadline: Moment { machine.deadline }

  // MARK: Beginning

  func begin(_ actions: [RealtimeAction], poll: RequestTicket) {
    polls.append(poll)
    perform(actions)
    shard.watch(self)
  }

  func begin(_ actions: [RealtimeAction], webSocket: WebSocketHandler) {
    self.webSocket = webSocket
    shard.counters.webSockets.up()
    perform(actions)
    shard.watch(self)
  }

  // MARK: Requests

  func pollOpened(_ ticket: RequestTicket) {
    polls.append(ticket)
    perform(machine.pollOpened(now), ticket)
    shard.watch(self)
  }

  /// The client went away from a request that waits.
  func requestClosed(_ ticket: RequestTicket) {
    guard let index = polls.firstIndex(of: ticket) else { return }
    polls.remove(at: index)
    perform(machine.pollClosed(now))
    shard.watch(self)
  }

  func push(_ body: [UInt8], _ ticket: RequestTicket) {
    guard heldPush == nil else {
      // Two at once end a session, here as in the machine.
      fail(.transportError)
      return ticket.answer(.refused(.badRequest))
    }
    let refusal = machine.pushOpened(now)
    guard refusal.isEmpty else { return perform(refusal, ticket) }
    perform(machine.receive(push: body, now), ticket)
    shard.watch(self)
  }

  func pushTooLarge() {
    guard machine.pushOpened(now).isEmpty else { return }
    perform(machine.pushFailed(.payloadTooLarge, now))
    shard.watch(self)
  }

  /// A WebSocket asks for the session: `nil` where it may have it, else why not.
  func probeRefusal() -> EngineRefusal? {
    for case .transport(.refuseRequest(let refusal)) in machine.probeOpened(now) { return refusal }
    awaitsProbe = true
    shard.watch(self)
    return nil
  }

  func probeOpened(_ handler: WebSocketHandler) {
    guard awaitsProbe, probe == nil else { return shard.order(.close(.transportClose), handler) }
    probe = handler
  }

  func probeAbandoned() {
    awaitsProbe = false
    perform(machine.probeClosed(now))
  }

  // MARK: Frames

  func receive(_ frames: [EngineFrame], from handler: WebSocketHandler) {
    for frame in frames { receive(frame, from: handler) }
  }

  /// Whether more may come; otherwise `handler.resume` will be called.
  @discardableResult
  func receive(_ frame: EngineFrame, from handler: WebSocketHandler) -> Bool {
    shard.counters.received.up()
    if handler === webSocket {
      perform(machine.receive(frame, now))
    } else if handler === probe {
      perform(machine.receiveProbe(frame, now))
    }
    if machine.deadline < watchedFor { shard.watch(self) }
    if callCount >= shard.shared.settings.eventQueueLimit { isReadingPaused = true }
    return !isReadingPaused
  }

  var mayRead: Bool { !isReadingPaused }

  /// The WebSocket broke the protocol.
  func failed(_ failure: WebSocketFailure, from handler: WebSocketHandler) {
    if handler === probe {
      (probe, awaitsProbe) = (nil, false)
      shard.order(.close(CloseReason(failure.text, webSocketCode: failure.code)), handler)
      perform(machine.probeClosed(now))
    } else if handler === webSocket {
      fail(CloseReason(failure.text, webSocketCode: failure.code))
    }
  }

  /// The WebSocket is closed, or is being closed by the client.
  func closed(_ handler: WebSocketHandler) {
    if handler === probe {
      (probe, awaitsProbe) = (nil, false)
      perform(machine.probeClosed(now))
    } else if handler === webSocket {
      dropWebSocket()
      perform(machine.webSocketClosed(now))
    }
  }

  func tooSlow() {
    shard.counters.tooSlow.up()
    fail(.slowReader)
  }

  func fail(_ reason: CloseReason) {
    perform(machine.fail(reason, now))
    shard.watch(self)
  }

  // MARK: Time and the end

  func wake(_ now: Moment) {
    // Who is not read cannot answer.
    guard !isReadingPaused else { return }
    perform(machine.tick(now))
  }

  func close(_ reason: CloseReason) {
    perform(machine.close(reason, now))
    shard.watch(self)
  }

  /// At once, without a word: the time for a farewell is over.
  func abort() {
    for handler in [webSocket, probe].compactMap(\.self) { shard.order(.abort, handler) }
  }

  private func dropWebSocket() {
    guard webSocket != nil else { return }
    webSocket = nil
    shard.counters.webSockets.down()
  }

  var now: Moment { DeadlineWheel.now() }
}

// MARK: Doing what the machine says

extension RealtimeConnection {
  /// `request` is what was just handed in, where it was a request.
  func perform(_ actions: [RealtimeAction], _ request: RequestTicket? = nil) {
    for action in actions {
      switch action {
      case .transport(let action): perform(action, request)
      case .connect(let namespace, let auth): connect(namespace, auth)
      case .event(let event): hand(over: event)
      case .disconnected(let namespace, _, let reason): disconnected(namespace, reason)
      // The server asks for none.
      case .acknowledged: break
      }
    }
  }

  private func perform(_ action: EngineAction, _ request: RequestTicket?) {
    switch action {
    case .write(let frame):
      if let webSocket { shard.order(.frame(frame), webSocket) }
    case .writeProbe(let frame):
      if let probe { shard.order(.frame(frame), probe) }
    case .adoptProbe:
      (webSocket, probe, awaitsProbe) = (probe, nil, false)
      shard.forget(self)
      shard.counters.webSockets.up()
    case .closeWebSocket(let reason):
      if let webSocket { shard.order(.close(reason), webSocket) }
      dropWebSocket()
    case .closeProbe:
      if let probe { shard.order(.close(.transportClose), probe) }
      (probe, awaitsProbe) = (nil, false)
    case .answerPoll(let body):
      if !polls.isEmpty { polls.removeFirst().answer(.packets(body)) }
    case .refuseRequest(let refusal):
      polls.removeAll { $0 == request }
      request?.answer(.refused(refusal))
    case .acceptPush: accept(push: request)
    case .message: break
    case .closed(let reason):
      if reason == .pingTimeout { shard.counters.pingTimeouts.up() }
    case .finished: finished()
    }
  }

  /// Whoever pushes faster than the application answers has to wait, like a WebSocket that is not read. Else calls
  /// would gather, each as large as a body.
  private func accept(push request: RequestTicket?) {
    if machine.isOpen, callCount >= shard.shared.settings.eventQueueLimit {
      (heldPush, isReadingPaused) = (request, true)
    } else {
      request?.answer(.accepted)
    }
  }

  func letPushGo() {
    heldPush?.answer(.accepted)
    heldPush = nil
  }

  private func finished() {
    guard !hasEnded else { return }
    hasEnded = true
    letPushGo()
    for poll in polls { poll.answer(.refused(.unknownSession)) }
    polls = []
    shard.ended(self)
  }
}
