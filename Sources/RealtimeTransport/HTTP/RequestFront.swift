// Stands before the HTTP server on each connection, and takes the requests that are for the hub.

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import RealtimeProtocol

/// Answers what is asked of a hub, and lets everything else through to the HTTP server, which it only sets up when it is
/// needed: a connection that becomes a WebSocket never costs what a server's request costs.
///
/// Requests are answered in their order. A request that has to wait for the answer to another one is held here, and
/// meanwhile nothing is read. Any request of a connection may become a WebSocket, not only the first: proxies use
/// connections again.
///
/// Lives on the connection's event loop.
final class RequestFront: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Where the request goes whose parts are coming in.
  enum Course {
    case nowhere
    case server
    case own(OwnRequest)
    /// It was answered before it was read.
    case answered
  }

  let client: @Sendable (ClaimedOrigin) -> ClientOrigin
  let places: [HubPlace]
  /// Handlers between the parser and this one, and the parser's counterpart.
  let before: [any RemovableChannelHandler]
  let decoder: ByteToMessageHandler<HTTPRequestDecoder>
  /// Called when the first request for the server comes, or with `false` when none will come.
  private let openServer: (_ isWanted: Bool) -> Void

  var context: ChannelHandlerContext?
  var course = Course.nowhere
  var hasServer = false
  /// Requests that went to the server and are not answered.
  private var serverRequests = 0
  /// The hub's request that waits for its answer.
  var own: Waiting?
  private var lastNumber = 0
  private var held = CircularBuffer<HTTPRequestPart>(initialCapacity: 0)
  private var isTakingHeld = false
  var isReadWanted = false
  var isEnding = false
  /// The server stops.
  var isQuiescing = false
  var upgrade: UpgradeInProgress?

  struct Waiting {
    let number: Int
    let cross: HTTPFields
    let hidesBody: Bool
    let isLast: Bool
    /// Whose poll it is.
    var session: RealtimeConnection?
  }

  /// A WebSocket on its way: HTTP's handlers are being removed.
  struct UpgradeInProgress {
    typealias Make = () -> (handler: WebSocketHandler, begin: () -> Void)

    let answer: ByteBuffer
    let make: Make
    /// The client went away before.
    let abandon: () -> Void
    var early = ByteBuffer()
  }

  init(
    places: [HubPlace], client: @escaping @Sendable (ClaimedOrigin) -> ClientOrigin,
    decoder: ByteToMessageHandler<HTTPRequestDecoder>,
    before: [any RemovableChannelHandler], openServer: @escaping (_ isWanted: Bool) -> Void
  ) {
    (self.places, self.client, self.decoder) = (places, client, decoder)
    (self.before, self.openServer) = (before, openServer)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    clientGone()
    upgrade?.abandon()
    upgrade = nil
    if !hasServer { openServer(false) }
    self.context = nil
  }

  // MARK: From the client

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Of whatever type it is by now: a client may not send anything before it has its answer.
    if upgrade != nil || isEnding { return }
    let part = unwrapInboundIn(data)
    if held.isEmpty, mayTake(part) { take(part, context) } else { held.append(part) }
  }

  func read(context: ChannelHandlerContext) {
    // Who does not take answers may not ask for more of them.
    if held.isEmpty, context.channel.isWritable { context.read() } else { isReadWanted = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { readOn(context) }
    context.fireChannelWritabilityChanged()
  }

  private func readOn(_ context: ChannelHandlerContext) {
    guard isReadWanted, held.isEmpty || isEnding, context.channel.isWritable else { return }
    isReadWanted = false
    context.read()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if upgrade != nil {
      // What came behind the request for a WebSocket, before it was granted.
      if case ByteToMessageDecoderError.leftoverDataWhenDone(var bytes) = error {
        upgrade?.early.writeBuffer(&bytes)
      }
    } else if case .own = course {
      refuseUnread(.refused(.badRequest))
    } else {
      context.fireErrorCaught(error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed where upgrade != nil || !hasServer || own != nil:
      clientGone()
      context.close(promise: nil)
    case is ChannelShouldQuiesceEvent:
      isQuiescing = true
      if let own {
        // The connection ends with the answer. The server, which knows nothing of the request, would end it before.
        let session = own.session
        if let session { session.shard.loop.execute { session.close(.serverShuttingDown) } }
        return
      }
      if !hasServer, held.isEmpty, case .nowhere = course { context.close(promise: nil) }
      context.fireUserInboundEventTriggered(event)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    clientGone()
    context.fireChannelInactive()
  }

  private func clientGone() {
    guard let gone = own else { return }
    own = nil
    guard let session = gone.session, let context else { return }
    let ticket = RequestTicket(self, number: gone.number, loop: context.eventLoop)
    session.shard.loop.execute { session.requestClosed(ticket) }
  }

  private func mayTake(_ part: HTTPRequestPart) -> Bool {
    guard case .head(let request) = part else { return true }
    guard own == nil else { return false }
    return place(for: request) == nil || serverRequests == 0
  }

  private func place(for request: HTTPRequest) -> HubPlace? {
    let path = request.path ?? ""
    return places.first { place in
      let wanted = place.hub.settings.path
      guard path.hasPrefix(wanted.dropLast()) else { return false }
      let rest = path.utf8.dropFirst(wanted.utf8.count - 1)
      // With or without the slash at the end, and then nothing or a query.
      let query = rest.first == UInt8(ascii: "/") ? rest.dropFirst() : rest
      return query.isEmpty || query.first == UInt8(ascii: "?")
    }
  }

  private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    switch part {
    case .head(let request): takeHead(request, context)
    case .body(let bytes): takeBody(bytes, context)
    case .end: takeEnd(part, context)
    }
  }

  private func takeHead(_ request: HTTPRequest, _ context: ChannelHandlerContext) {
    guard let place = place(for: request) else { return forward(request, context) }
    lastNumber += 1
    let wanted = OwnRequest(request, peer: context.remoteAddress?.ipAddress, at: place)
    own = Waiting(
      number: lastNumber, cross: wanted.cross, hidesBody: wanted.hidesBody, isLast: wanted.isLast)
    course = .own(wanted)
    // A body that is announced to be too large need not be waited for.
    if case .push(let session) = wanted.wish, let text = request.headerFields[.contentLength],
      Int(text) ?? .max > wanted.bodyLimitBytes
    {
      pushTooLarge(session, place)
    }
  }

  private func takeBody(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    switch course {
    case .server: context.fireChannelRead(wrapInboundOut(.body(bytes)))
    case .own(var request):
      course = .nowhere
      let fits = request.take(bytes.readableBytesView)
      course = .own(request)
      if !fits, case .push(let session) = request.wish { pushTooLarge(session, request.place) }
    case .nowhere, .answered: break
    }
  }

  private func takeEnd(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    let course = course
    self.course = .nowhere
    switch course {
    case .server: context.fireChannelRead(wrapInboundOut(part))
    case .own(let request): perform(request, context)
    case .nowhere, .answered: break
    }
  }

  // MARK: The server's requests

  private func forward(_ request: HTTPRequest, _ context: ChannelHandlerContext) {
    if !hasServer {
      hasServer = true
      openServer(true)
    }
    serverRequests += 1
    course = .server
    var request = request
    if request.headerFields.contains(.upgrade) {
      // Nothing is upgraded there. The parser stops behind such a request, so the connection ends with the answer.
      request.headerFields[.upgrade] = nil
      request.headerFields[.connection] = "close"
    }
    context.fireChannelRead(wrapInboundOut(.head(request)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
    serverRequests = max(0, serverRequests - 1)
    context.writeAndFlush(data, promise: promise)
    takeHeld()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if upgrade != nil, mode == .output {
      promise?.succeed()
    } else {
      context.close(mode: mode, promise: promise)
    }
  }

  /// After an answer the next request has its turn.
  func takeHeld() {
    // Not deeper, where an answer was given at once: the loop below goes on.
    guard let context, !isTakingHeld, !held.isEmpty else { return }
    isTakingHeld = true
    while upgrade == nil, !isEnding, let part = held.first, mayTake(part) {
      held.removeFirst()
      take(part, context)
    }
    isTakingHeld = false
    // The server looks at what it was handed when a read is over, and here there is none.
    if hasServer { context.fireChannelReadComplete() }
    readOn(context)
  }
}

/// A hub on the connection's event loop.
struct HubPlace: Sendable {
  let hub: RealtimeHub
  let shard: HubShard
}
