// Both ends for tests of the proxy: a server that answers by path, and a client that sees every byte.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What the server behind the proxy got, and how much it sent.
final class SeenByUpstream: Sendable {
  struct Request: Sendable {
    let method: String
    let uri: String
    let host: String?
    let body: [UInt8]
  }

  private let all = Mutex<[Request]>([])
  private let sent = Mutex<Int>(0)

  var requests: [Request] { all.withLock { $0 } }
  /// Bytes of bodies handed to the socket.
  var sentBytes: Int { sent.withLock { $0 } }

  func note(_ request: Request) { all.withLock { $0.append(request) } }
  func noteSent(_ count: Int) { sent.withLock { $0 += count } }
}

/// Answers `/length` with 100 digits, `/chunked` with the same in chunks, `/close` with the same until the end of
/// the connection, `/big/N` with N bytes at the reader's pace, and everything else with the number of bytes it got.
final class Upstream: Sendable {
  static let digits = String(repeating: "0123456789", count: 10)

  let port: Int
  let seen: SeenByUpstream
  private let listener: any Channel

  init() async throws {
    let seen = SeenByUpstream()
    listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try pipeline.addHandler(UpstreamHandler(seen: seen))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    (self.seen, port) = (seen, listener.localAddress?.port ?? 0)
  }

  func stop() async { try? await listener.close() }
}

private final class UpstreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private static let chunk = ByteBuffer(repeating: 0x61, count: 32 << 10)
  private let seen: SeenByUpstream
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  /// Bytes of a big body that are still to be sent.
  private var left = 0

  init(seen: SeenByUpstream) { self.seen = seen }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): (self.head, body) = (head, [])
    case .body(let bytes): body += bytes.readableBytesView
    case .end:
      guard let head else { return }
      seen.note(
        .init(
          method: head.method.rawValue, uri: head.uri, host: head.headers.first(name: "Host"),
          body: body))
      answer(head, context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { sendMore(context) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch head.uri {
    case "/length": write(["Content-Length": "100"], [Upstream.digits], context)
    case "/chunked":
      write(
        ["Transfer-Encoding": "chunked"],
        [String(Upstream.digits.prefix(40)), String(Upstream.digits.dropFirst(40))], context)
    case "/close":
      let text = "HTTP/1.1 200 OK\r\n\r\n" + Upstream.digits
      // Past the encoder, which would add a length.
      let encoder = context.pipeline.syncOperations
      guard let below = try? encoder.context(handlerType: HTTPResponseEncoder.self) else { return }
      below.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
      context.close(promise: nil)
    case let uri where uri.hasPrefix("/big/"):
      left = Int(uri.dropFirst(5)) ?? 0
      let headers = HTTPHeaders([("Content-Length", "\(left)")])
      context.write(
        wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))),
        promise: nil)
      sendMore(context)
    default:
      let text = "took \(body.count)"
      write(["Content-Length": "\(text.utf8.count)"], head.method == .HEAD ? [] : [text], context)
    }
  }

  private func write(
    _ headers: KeyValuePairs<String, String>, _ body: [String], _ context: ChannelHandlerContext
  ) {
    let headers = HTTPHeaders(headers.map { ($0.key, $0.value) })
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))),
      promise: nil)
    for text in body {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func sendMore(_ context: ChannelHandlerContext) {
    guard left > 0 else { return }
    while left > 0, context.channel.isWritable {
      let bytes = Self.chunk.getSlice(at: 0, length: min(left, Self.chunk.readableBytes))
      guard let bytes else { return }
      left -= bytes.readableBytes
      seen.noteSent(bytes.readableBytes)
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    }
    if left == 0 { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
  }
}

/// A connection whose every byte a test sees.
final class RawClient: Sendable {
  let channel: any Channel
  private let chunks: AsyncStream<[UInt8]>

  init(port: Int) async throws {
    let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ByteCollector(continuation))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    self.chunks = chunks
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// What comes until the text ends so, or until the end of the connection. To be asked by one task.
  func received(until end: String? = nil) async -> String {
    var bytes: [UInt8] = []
    for await chunk in chunks {
      bytes += chunk
      if let end, bytes.suffix(end.utf8.count).elementsEqual(end.utf8) { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Everything until the end of the connection.
  func receivedBytes() async -> [UInt8] {
    var bytes: [UInt8] = []
    for await chunk in chunks { bytes += chunk }
    return bytes
  }

  func close() async { try? await channel.close() }

  /// One request, and everything until the end of the connection.
  static func talk(_ port: Int, _ request: String) async throws -> String {
    let client = try await RawClient(port: port)
    client.send(request)
    return await client.received()
  }

  static func get(_ port: Int, _ path: String, method: String = "GET") async throws -> String {
    try await talk(
      port, "\(method) \(path) HTTP/1.1\r\nHost: bucket.example\r\nConnection: close\r\n\r\n")
  }
}

private final class ByteCollector: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let continuation: AsyncStream<[UInt8]>.Continuation

  init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Reads a little at a time, and notes how far the sender was ahead.
final class SlowReader: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private struct State {
    var received = 0
    var farthestAhead = 0
  }

  private let seen: SeenByUpstream
  private let state = Mutex(State())

  init(_ seen: SeenByUpstream) { self.seen = seen }

  var receivedBytes: Int { state.withLock { $0.received } }
  var farthestAhead: Int { state.withLock { $0.farthestAhead } }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let count = unwrapInboundIn(data).readableBytes
    let sent = seen.sentBytes
    state.withLock {
      $0.received += count
      $0.farthestAhead = max($0.farthestAhead, sent - $0.received)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
