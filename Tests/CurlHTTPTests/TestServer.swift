// A small HTTP server at 127.0.0.1 for the tests of the client.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Keeps objects, streams bytes, counts. What a path does stands in `TestServerHandler`.
final class TestServer: Sendable {
  struct Seen: Sendable {
    var connections = 0
    var open = 0
    var mostOpen = 0
    var requests: [String] = []
    var headers: [[String: String]] = []
    var bodyBytes: Int64 = 0
    var objects: [String: [UInt8]] = [:]
  }

  let port: Int
  private let channel: any Channel
  private let seen: SharedSeen

  /// - Parameter requestsPerConnection: after so many answers the server closes a connection without saying so.
  init(requestsPerConnection: Int = .max) async throws {
    let seen = SharedSeen()
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 512)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(
            TestServerHandler(seen: seen, requestsLeft: requestsPerConnection))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.seen = seen
    port = channel.localAddress?.port ?? 0
  }

  var base: String { "http://127.0.0.1:\(port)" }
  var sight: Seen { seen.value.withLock { $0 } }

  func stop() async throws { try await channel.close() }
}

/// What the connections of one server have seen together.
final class SharedSeen: Sendable {
  let value = Mutex(TestServer.Seen())
}

/// `/objects/…` keeps and gives; `/zeros/N` streams N bytes; `/drain` counts; `/echo` tells the request;
/// `/redirect?URL` redirects; `/early` refuses before the body.
final class TestServerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let seen: SharedSeen
  private var requestsLeft: Int
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  private var bodyBytes: Int64 = 0
  private var toStream = 0
  private var isStreaming = false
  private static let zeros = ByteBuffer(repeating: 0, count: 64 << 10)

  init(seen: SharedSeen, requestsLeft: Int) {
    (self.seen, self.requestsLeft) = (seen, requestsLeft)
  }

  func channelActive(context: ChannelHandlerContext) {
    seen.value.withLock {
      $0.connections += 1
      $0.open += 1
      $0.mostOpen = max($0.open, $0.mostOpen)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { seen.value.withLock { $0.open -= 1 } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let bytes):
      bodyBytes += Int64(bytes.readableBytes)
      seen.value.withLock { $0.bodyBytes += Int64(bytes.readableBytes) }
      if head?.uri.hasPrefix("/objects/") == true { body.writeImmutableBuffer(bytes) }
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { stream(context) }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    (self.head, body, bodyBytes) = (head, ByteBuffer(), 0)
    let fields = Dictionary(
      head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 + "," + $1 })
    seen.value.withLock {
      $0.requests.append("\(head.method.rawValue) \(head.uri)")
      $0.headers.append(fields)
    }
    if head.uri == "/early" {
      self.head = nil
      reply(context, .forbidden, Array("no".utf8))
    }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let query = head.uri.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
    switch head.uri {
    case let uri where uri.hasPrefix("/objects/"): object(head, context)
    case let uri where uri.hasPrefix("/zeros/"):
      toStream = Int(uri.dropFirst(7)) ?? 0
      write(context, .ok, length: toStream, [])
      stream(context)
    case let uri where uri.hasPrefix("/redirect?"):
      reply(context, .temporaryRedirect, [], [("Location", query)])
    case "/drain": reply(context, .ok, Array("\(bodyBytes)".utf8))
    default:
      let lines = ["\(head.method.rawValue) \(head.uri)"] + head.headers.map { "\($0): \($1)" }
      reply(context, .ok, Array(lines.joined(separator: "\n").utf8))
    }
  }

  private func object(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let kept = seen.value.withLock { $0.objects[head.uri] }
    switch head.method {
    case .PUT:
      let bytes = body.getBytes(at: 0, length: body.readableBytes) ?? []
      seen.value.withLock { $0.objects[head.uri] = bytes }
      reply(context, .created, [], [("ETag", "\"e\"")])
    case .DELETE:
      seen.value.withLock { $0.objects[head.uri] = nil }
      context.write(
        wrapOutboundOut(.head(.init(version: .http1_1, status: .noContent))), promise: nil)
      finish(context)
    case .HEAD:
      write(context, kept == nil ? .notFound : .ok, length: kept?.count ?? 0, [])
      finish(context)
    default: reply(context, kept == nil ? .notFound : .ok, kept ?? [])
    }
  }

  private func reply(
    _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ bytes: [UInt8],
    _ headers: [(String, String)] = []
  ) {
    write(context, status, length: bytes.count, headers)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    finish(context)
  }

  private func write(
    _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, length: Int,
    _ headers: [(String, String)]
  ) {
    let all = HTTPHeaders(headers + [("Content-Length", "\(length)")])
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: all))), promise: nil)
  }

  private func stream(_ context: ChannelHandlerContext) {
    // A write may call back from within: then the loop below stands further out and goes on.
    guard toStream > 0, !isStreaming else { return }
    isStreaming = true
    while toStream > 0, context.channel.isWritable {
      let part = Self.zeros.getSlice(at: 0, length: min(toStream, 64 << 10)) ?? ByteBuffer()
      toStream -= part.readableBytes
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
    }
    isStreaming = false
    if toStream == 0 { finish(context) }
  }

  private func finish(_ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    requestsLeft -= 1
    if requestsLeft <= 0 { context.close(promise: nil) }
  }
}
