// A client's connection to the proxy: reads requests, applies faults, writes replies.

import NIOCore
import NIOHTTP1

/// Serves one connection, one request at a time; a second request before the reply is over ends it.
final class ProxyClientSide: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// A request under way.
  private struct Exchange {
    let request: ProxiedRequest
    let keepsAlive: Bool
    let length: Int?
    var shaper: ReplyShaper
    /// The proxy's own reply, given when the whole request was read.
    var ownReply: ProxyReply?
    /// Where the request goes; `nil` where it goes nowhere, or no longer.
    var upstream: ProxyUpstreamSide?
    var takenBytes = 0
    var requestEnded = false
    var replyEnded = false
  }

  private let plan: ProxyPlan
  private var context: ChannelHandlerContext?
  private var exchange: Exchange?
  private var trickle: Trickle?
  private var wantsRead = false
  private var isEnding = false

  init(plan: ProxyPlan) { self.plan = plan }

  /// Whether more of the reply may be read from the server.
  var takesMoreOfReply: Bool {
    (context?.channel.isWritable ?? false) && trickle?.isFull != true
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  // MARK: The request

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isEnding else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard exchange == nil else { return context.close(promise: nil) }
      begin(head, context)
    case .body(let bytes): forward(bytes)
    case .end: endRequest()
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let request = plan.begin(
      method: head.method.rawValue, target: head.uri,
      headers: head.headers.map { (name: $0.name, value: $0.value) })
    let fault = request.fault
    var exchange = Exchange(
      request: request, keepsAlive: head.isKeepAlive,
      length: head.headers.first(name: "Content-Length").flatMap { Int($0) },
      shaper: ReplyShaper(fault: fault, method: request.method))
    exchange.ownReply = ProxyReply(fault, for: request)
    switch fault {
    case .dropRequest: return context.close(promise: nil)
    case .silence: break
    case .trickle(let pace):
      trickle = Trickle(bytesPerSecond: pace, on: context.eventLoop) { self.write($0) }
      exchange.upstream = ProxyUpstreamSide(client: self)
    default:
      if exchange.ownReply == nil { exchange.upstream = ProxyUpstreamSide(client: self) }
    }
    self.exchange = exchange
    exchange.upstream?.send(.head(head))
    open(exchange, context)
    // Who waits for leave to send a body gets the answer instead.
    if exchange.ownReply != nil, head.headers.contains(name: "Expect") { answer(closing: true) }
  }

  /// Connects to the server, now or after the delay.
  private func open(_ exchange: Exchange, _ context: ChannelHandlerContext) {
    guard let upstream = exchange.upstream else { return }
    let (host, port) = plan.upstream
    guard case .delay(let delay) = exchange.request.fault else {
      return upstream.connect(host: host, port: port, on: context.eventLoop)
    }
    context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
      guard self.exchange?.upstream === upstream else { return }
      upstream.connect(host: host, port: port, on: context.eventLoop)
    }
  }

  private func forward(_ given: ByteBuffer) {
    guard let exchange, let upstream = exchange.upstream else { return }
    var bytes = given
    let before = exchange.takenBytes
    self.exchange?.takenBytes += bytes.readableBytes
    switch exchange.request.fault {
    case .corruptRequestByte where before == 0: ReplyShaper.turn(&bytes, at: 0)
    case .cutRequest(let fraction):
      let kept = Int(Double(exchange.length ?? bytes.readableBytes) * fraction) - before
      guard kept < bytes.readableBytes else { break }
      upstream.send(.body(.byteBuffer(bytes.readSlice(length: max(0, kept)) ?? ByteBuffer())))
      return endConnection()
    default: break
    }
    upstream.send(.body(.byteBuffer(bytes)))
  }

  private func endRequest() {
    guard let exchange else { return }
    self.exchange?.requestEnded = true
    if case .cutRequest = exchange.request.fault { return endConnection() }
    exchange.upstream?.send(.end(nil))
    if exchange.ownReply != nil { answer(closing: !exchange.keepsAlive) }
    if exchange.replyEnded { finish() }
  }

  // MARK: The reply

  /// A part of the server's reply.
  func reply(_ part: HTTPClientResponsePart, from upstream: ProxyUpstreamSide) {
    guard let exchange, exchange.upstream === upstream, !isEnding else { return }
    if case .head(let head) = part, head.status.code >= 200 {
      plan.note(status: Int(head.status.code), of: exchange.request.number)
    }
    let steps = self.exchange?.shaper.shape(part) ?? []
    for step in steps {
      switch step {
      case .head(let bytes): write(bytes)
      case .body(let bytes): trickle?.add(bytes) ?? write(bytes)
      case .end(let closing):
        guard let trickle else { return endReply(closing: closing) }
        trickle.finish { self.endReply(closing: closing) }
      }
    }
  }

  private func endReply(closing: Bool) {
    guard let exchange else { return }
    if closing || !exchange.keepsAlive { return endConnection() }
    self.exchange?.replyEnded = true
    exchange.upstream?.close()
    // What is left of the request is read and goes nowhere.
    self.exchange?.upstream = nil
    if exchange.requestEnded { finish() } else { upstreamTakesMore() }
  }

  private func answer(closing: Bool) {
    guard let exchange, let reply = exchange.ownReply else { return }
    plan.note(status: reply.status, of: exchange.request.number)
    var headers = HTTPHeaders([
      ("Content-Type", "application/xml"), ("Content-Length", "\(reply.body.count)"),
      ("x-amz-request-id", "proxy-\(exchange.request.number)"),
    ])
    if let location = reply.location { headers.add(name: "Location", value: location) }
    if closing { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    var bytes = ReplyShaper.bytes(of: head)
    if exchange.request.method != "HEAD" { bytes.writeBytes(reply.body) }
    write(bytes)
    self.exchange?.ownReply = nil
    endReply(closing: closing)
  }

  /// The server is gone, or was never there.
  func upstreamClosed(_ upstream: ProxyUpstreamSide) {
    guard let exchange, exchange.upstream === upstream, !exchange.replyEnded else { return }
    // A slow reply that is complete is still being handed out.
    if trickle?.isFinishing != true { endConnection() }
  }

  private func finish() {
    exchange = nil
    trickle = nil
    upstreamTakesMore()
  }

  private func write(_ bytes: ByteBuffer) {
    guard !isEnding, let context else { return }
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    exchange?.upstream?.readMoreIfRoom()
  }

  /// Ends both connections once everything written has left.
  private func endConnection() {
    guard !isEnding, let context else { return }
    isEnding = true
    exchange?.upstream?.close()
    trickle?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
      bound.value.close(promise: nil)
    }
  }

  // MARK: The pace

  /// The server may be sent more of the request.
  func upstreamTakesMore() {
    guard wantsRead, let context else { return }
    wantsRead = false
    context.read()
  }

  func read(context: ChannelHandlerContext) {
    guard exchange?.upstream?.takesMore ?? true else {
      wantsRead = true
      return
    }
    context.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { exchange?.upstream?.readMoreIfRoom() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isEnding = true
    trickle?.cancel()
    exchange?.upstream?.close()
    exchange = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
