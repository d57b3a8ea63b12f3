// The proxy's connection to the server: one for each request.

import NIOCore
import NIOHTTP1
import NIOPosix

/// Connects, sends what the client side hands over, and hands back the reply. Lives on the client's event loop.
final class ProxyUpstreamSide: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  private weak var client: ProxyClientSide?
  private var context: ChannelHandlerContext?
  /// What came before the connection stood.
  private var waiting: [HTTPClientRequestPart] = []
  private var wantsRead = false
  private var isClosed = false

  init(client: ProxyClientSide) { self.client = client }

  /// Whether more of the request may be read.
  var takesMore: Bool { context?.channel.isWritable ?? false }

  func connect(host: String, port: Int, on eventLoop: any EventLoop) {
    ClientBootstrap(group: eventLoop)
      .channelOption(.autoRead, value: false)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(5))
      .connect(host: host, port: port)
      .assumeIsolated().whenComplete { result in
        guard case .success(let channel) = result, !self.isClosed else {
          if case .success(let channel) = result { channel.close(promise: nil) }
          return self.closed()
        }
        self.begin(on: channel)
      }
  }

  private func begin(on channel: any Channel) {
    var configuration = HTTPRequestEncoder.Configuration()
    configuration.automaticallySetFramingHeaders = false
    let decoder = HTTPResponseDecoder(
      leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)
    do {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(HTTPRequestEncoder(configuration: configuration))
      try pipeline.addHandler(ByteToMessageHandler(decoder))
      try pipeline.addHandler(self)
    } catch {
      channel.close(promise: nil)
      return closed()
    }
    for part in waiting { channel.write(part, promise: nil) }
    waiting = []
    channel.flush()
    channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
    client?.upstreamTakesMore()
  }

  func send(_ part: HTTPClientRequestPart) {
    guard !isClosed else { return }
    guard let context else { return waiting.append(part) }
    context.writeAndFlush(wrapOutboundOut(part), promise: nil)
  }

  /// Goes on reading the reply where that stopped and the client takes more.
  func readMoreIfRoom() {
    guard wantsRead, let context, client?.takesMoreOfReply ?? true else { return }
    wantsRead = false
    context.read()
  }

  func close() {
    isClosed = true
    client = nil
    context?.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    client?.reply(unwrapInboundIn(data), from: self)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { client?.upstreamTakesMore() }
  }

  func read(context: ChannelHandlerContext) {
    guard client?.takesMoreOfReply ?? true else {
      wantsRead = true
      return
    }
    context.read()
  }

  func channelInactive(context: ChannelHandlerContext) { closed() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func closed() {
    isClosed = true
    client?.upstreamClosed(self)
    client = nil
  }
}
