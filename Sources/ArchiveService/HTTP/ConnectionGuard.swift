// Stands between one connection and the HTTP server: deadlines, malformed requests, orderly ends.

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// A request body that was not complete in time.
struct BodyTooSlow: Error {}

/// Goes from a route to the connection when the body of its request is read: what could be refused before was not.
struct BodyWanted: Sendable {}

/// Keeps one connection within its limits. Lives on the connection's event loop.
///
/// - The head of a request has a deadline, its body has one, and taking the answer has one.
/// - A request that is not valid HTTP gets a problem document and the end of the connection.
/// - After an answer that says `Connection: close`, or that came before the request was read, the
///   rest of the input is thrown away for a moment, so that the client sees the answer and no reset.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What happens when a deadline passes.
  private enum Expiry { case close, failBody }

  /// Who takes fewer bytes of an answer within `writeDeadline` is cut off.
  private static let writeFloorBytes = 16 << 10
  /// Who sends fewer bytes of a file within `stallDeadline` too.
  private static let readFloorBytes = 16 << 10

  private let settings: ServiceSettings.HTTP
  private let stallDeadline: Duration
  private let newID: @Sendable () -> String
  private let onRefusal: @Sendable (HTTPResponse.Status) -> Void

  /// Requests whose head was read and whose answer is not complete.
  private var openRequests = 0
  private var isReadingRequest = false
  /// The request brings a file: its body may take as long as it takes, while enough of it comes.
  private var isReadingFile = false
  /// It waits to hear that its body is wanted.
  private var expectsContinue = false
  /// Of that body, since its deadline was set.
  private var countedBytes = 0
  /// Since when nothing is wanted from the client, because what came is not stored yet.
  private var pausedSince: NIODeadline?
  /// Nothing more is read from the client.
  private var isEnding = false
  /// Nothing more is sent to the client than what waits already.
  private var isOutputEnding = false
  private var malformed: HTTPResponse.Status?
  private var deadline: (moment: NIODeadline, expiry: Expiry)?
  private var timer: Scheduled<Void>?
  private var timerMoment: NIODeadline?
  private var writeTimer: Scheduled<Void>?
  private var headCheck: RequestHeadCheck?

  init(
    settings: ServiceSettings.HTTP, stallDeadline: Duration,
    newID: @escaping @Sendable () -> String,
    onRefusal: @escaping @Sendable (HTTPResponse.Status) -> Void
  ) {
    (self.settings, self.newID, self.onRefusal) = (settings, newID, onRefusal)
    self.stallDeadline = stallDeadline
  }

  func handlerAdded(context: ChannelHandlerContext) {
    setDeadline(settings.headerDeadline, .close, context)
    do {
      let pipeline = context.pipeline.syncOperations
      let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      let check = RequestHeadCheck()
      try pipeline.addHandler(check, position: .after(parser))
      headCheck = check
    } catch {
      // Without the check nothing may be served.
      context.close(promise: nil)
    }
    limitKernelQueue(context)
  }

  /// Otherwise the kernel takes megabytes at once, and a slow client looks like one that takes nothing.
  /// Where the kernel does not know the option, only that is lost.
  private func limitKernelQueue(_ context: ChannelHandlerContext) {
    #if canImport(Darwin)
      let notSentLowWaterMark = NIOBSDSocket.Option(rawValue: 0x201)
    #else
      let notSentLowWaterMark = NIOBSDSocket.Option(rawValue: 25)
    #endif
    context.channel.setOption(.tcpOption(notSentLowWaterMark), value: 64 << 10)
      .whenFailure { _ in }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    writeTimer?.cancel()
    // The connection becomes a WebSocket, or is closed; then the check has gone already.
    if let headCheck { context.pipeline.syncOperations.removeHandler(headCheck, promise: nil) }
  }

  // MARK: From the client

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isEnding { return }
    switch unwrapInboundIn(data) {
    case .head(let request):
      openRequests += 1
      isReadingRequest = true
      isReadingFile = Endpoint.bringsFile(request)
      // Only where no answer is still owed, in front of which it would stand.
      expectsContinue =
        isReadingFile && openRequests == 1
        && request.headerFields[.expect]?.lowercased() == "100-continue"
      countedBytes = 0
      setDeadline(isReadingFile ? stallDeadline : settings.bodyDeadline, .failBody, context)
    case .body(let bytes):
      // It did not wait.
      expectsContinue = false
      if isReadingFile { count(bytes.readableBytes, context) }
    case .end:
      (isReadingRequest, isReadingFile) = (false, false)
      setDeadline(openRequests == 0 ? settings.idleTimeout : nil, .close, context)
    }
    context.fireChannelRead(data)
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is BodyWanted else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    goOn(context)
    promise?.succeed()
  }

  /// Clients such as curl hold a larger body back for a second, to hear whether it is wanted. Where it is not, the answer
  /// comes in place of this, and nothing is sent for nothing.
  private func goOn(_ context: ChannelHandlerContext) {
    guard expectsContinue else { return }
    expectsContinue = false
    context.writeAndFlush(
      wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
  }

  /// The deadline begins anew with each so many bytes.
  private func count(_ bytes: Int, _ context: ChannelHandlerContext) {
    countedBytes += bytes
    guard countedBytes >= Self.readFloorBytes else { return }
    countedBytes = 0
    if deadline?.expiry == .failBody { setDeadline(stallDeadline, .failBody, context) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    pausedSince = .now()
    context.fireChannelReadComplete()
  }

  /// More is wanted. The time in which nothing was is not the client's fault.
  func read(context: ChannelHandlerContext) {
    if let pausedSince, isReadingFile, let deadline, deadline.expiry == .failBody {
      self.deadline = (deadline.moment + (.now() - pausedSince), .failBody)
    }
    pausedSince = nil
    context.read()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isEnding { return }
    let status: HTTPResponse.Status =
      (error as? HTTPParserError) == .headerOverflow
      ? .requestHeaderFieldsTooLarge : .badRequest
    if openRequests == 0 {
      refuse(status, context)
    } else if isReadingRequest {
      // The route that reads this body is told, and answers.
      context.fireErrorCaught(error)
    } else {
      malformed = status
    }
  }

  /// Answers by itself and ends the connection; nothing of the request goes further.
  private func refuse(_ status: HTTPResponse.Status, _ context: ChannelHandlerContext) {
    let problem = Problem(
      status,
      status == .badRequest
        ? "the request is not valid HTTP" : "the head of the request is too large")
    let id = newID()
    let body = ProblemDocument(problem, requestID: id).bytes
    var headers = HTTPFields.security
    headers[.contentType] = "application/problem+json"
    headers[.contentLength] = "\(body.readableBytes)"
    headers[.connection] = "close"
    headers[.requestID] = id
    isEnding = true
    onRefusal(status)
    context.write(
      wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    end(context)
  }

  // MARK: To the client

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    switch unwrapOutboundIn(data) {
    case .head(let response):
      expectsContinue = false
      if response.headerFields[.connection]?.lowercased() == "close" { isEnding = true }
      context.write(data, promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      openRequests = max(0, openRequests - 1)
      context.writeAndFlush(data, promise: promise)
      answered(context)
    }
  }

  private func answered(_ context: ChannelHandlerContext) {
    guard openRequests == 0 || isEnding else { return }
    if isEnding {
      end(context)
    } else if let malformed {
      refuse(malformed, context)
    } else if isReadingRequest {
      setDeadline(settings.lingerDeadline, .close, context)
    } else {
      setDeadline(settings.idleTimeout, .close, context)
    }
  }

  /// What is still to be sent goes out first; a client that does not take it is cut off.
  private func end(_ context: ChannelHandlerContext) {
    guard !isOutputEnding else { return }
    isOutputEnding = true
    deadline = nil
    watchWrites(context)
    let closed = context.eventLoop.makePromise(of: Void.self)
    closed.futureResult.assumeIsolated().whenComplete { _ in
      self.writeTimer?.cancel()
      self.setDeadline(self.settings.lingerDeadline, .close, context)
    }
    context.close(mode: .output, promise: closed)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if !isOutputEnding {
      writeTimer?.cancel()
      if !context.channel.isWritable { watchWrites(context) }
    }
    context.fireChannelWritabilityChanged()
  }

  /// Looks, as long as bytes wait, whether enough of them went since the last look. Meanwhile they
  /// only get fewer: nothing is written to a channel that is not writable or that ends.
  private func watchWrites(_ context: ChannelHandlerContext) {
    writeTimer?.cancel()
    let waiting = waitingBytes(context)
    writeTimer = context.eventLoop.assumeIsolated().scheduleTask(
      in: TimeAmount(settings.writeDeadline)
    ) {
      let rest = self.waitingBytes(context)
      if rest == 0 || waiting - rest >= Self.writeFloorBytes {
        self.watchWrites(context)
      } else {
        context.close(promise: nil)
      }
    }
  }

  private func waitingBytes(_ context: ChannelHandlerContext) -> Int {
    do {
      return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
    } catch {
      // The channel is closed; nothing waits.
      return 0
    }
  }

  // MARK: Shutdown and deadlines

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.drainDeadline)) {
        context.close(promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// One deadline counts at a time. The timer is left alone where it fires early enough, because
  /// most requests end long before it does.
  private func setDeadline(
    _ duration: Duration?, _ expiry: Expiry, _ context: ChannelHandlerContext
  ) {
    guard let duration else {
      deadline = nil
      return
    }
    let moment = NIODeadline.now() + TimeAmount(duration)
    deadline = (moment, expiry)
    if let timerMoment, timerMoment <= moment { return }
    timer?.cancel()
    timerMoment = moment
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) {
      self.timerFired(context)
    }
  }

  private func timerFired(_ context: ChannelHandlerContext) {
    timerMoment = nil
    guard let (moment, expiry) = deadline else { return }
    guard moment <= .now() else {
      let rest = moment - .now()
      return setDeadline(.nanoseconds(max(rest.nanoseconds, 0)), expiry, context)
    }
    if isReadingFile, expiry == .failBody, pausedSince != nil {
      return setDeadline(stallDeadline, .failBody, context)
    }
    deadline = nil
    switch expiry {
    case .close: context.close(promise: nil)
    case .failBody:
      // The route that reads the body throws this and answers 408. If it does not, the end comes anyway.
      setDeadline(settings.writeDeadline, .close, context)
      context.fireErrorCaught(BodyTooSlow())
    }
  }
}
