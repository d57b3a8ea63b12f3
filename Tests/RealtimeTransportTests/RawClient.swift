// A client that sends exactly the bytes it is told to.

import NIOCore
import NIOPosix
import Testing

@testable import RealtimeTransport

/// One TCP connection to a server of this machine.
// Used by one task at a time, so nothing is guarded: a test that lets another
// task talk for a while waits for it before it goes on.
final class RawClient: @unchecked Sendable {
  struct Frame: Equatable {
    let opcode: UInt8
    let isCompressed: Bool
    let payload: [UInt8]

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// The code of a close frame.
    var code: Int? { payload.count < 2 ? nil : Int(payload[0]) << 8 | Int(payload[1]) }
  }

  struct Answer {
    let status: Int
    let head: String
    let body: String
  }

  /// The server has closed the connection, or nothing came for ten seconds.
  struct Ended: Error {}

  /// Not the servers' event loops: those are taken by turns, and a client on every other one would leave all
  /// connections of a server on the same.
  private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  let channel: any Channel
  private var chunks: AsyncStream<ByteBuffer>.Iterator
  private(set) var buffer: [UInt8] = []

  init(port: Int) async throws {
    let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
    channel = try await ClientBootstrap(group: Self.loops)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            IdleStateHandler(readTimeout: .seconds(10)), Collector(continuation),
          ])
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    chunks = stream.makeAsyncIterator()
  }

  /// Connects and becomes a WebSocket.
  convenience init(
    port: Int, webSocket target: String, fields: String = "", extra: [UInt8] = []
  ) async throws {
    try await self.init(port: port)
    try await send(Array(Self.upgrade(target, fields).utf8) + extra)
    let answer = try await head()
    try #require(answer.status == 101, "\(answer.head)")
  }

  /// Connects by WebSocket and joins the main namespace.
  static func socketIO(port: Int, auth: String = "", fields: String = "") async throws -> RawClient
  {
    let client = try await RawClient(
      port: port, webSocket: "/socket.io/?EIO=4&transport=websocket", fields: fields)
    #expect(try await client.frame().text.hasPrefix("0{\"sid\":"))
    try await client.sendText("40\(auth)")
    #expect(try await client.frame().text.hasPrefix("40{\"sid\":"))
    return client
  }

  static func upgrade(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(fields)\r\n"
  }

  // MARK: Sending

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  func sendText(_ text: String) async throws {
    try await send(ClientFrame(.text, Array(text.utf8)).bytes)
  }

  func request(_ method: String, _ target: String, body: String? = nil, fields: String = "")
    async throws -> Answer
  {
    try await send(Array(Self.head(method, target, body: body, fields: fields).utf8))
    return try await answer()
  }

  static func head(_ method: String, _ target: String, body: String? = nil, fields: String = "")
    -> String
  {
    "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)"
      + (body.map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" } ?? "\r\n")
  }

  func close() { channel.close(promise: nil) }

  /// Ends the connection as a program does that is killed.
  func reset() async throws {
    let options = try #require(channel as? any SocketOptionProvider)
    try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    try await channel.close().get()
  }

  // MARK: Receiving

  private func more() async throws {
    guard let chunk = await chunks.next() else { throw Ended() }
    buffer += Array(buffer: chunk)
  }

  private func take(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count { try await more() }
    defer { buffer.removeFirst(count) }
    return Array(buffer.prefix(count))
  }

  func head() async throws -> Answer {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: end) {
        let head = String(decoding: try await take(range.upperBound), as: UTF8.self)
        let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        return Answer(status: status, head: head, body: "")
      }
      try await more()
    }
  }

  func answer() async throws -> Answer {
    let head = try await head()
    let length =
      head.head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
    return Answer(
      status: head.status, head: head.head,
      body: String(decoding: try await take(length), as: UTF8.self))
  }

  func frame() async throws -> Frame {
    let head = try await take(2)
    #expect(head[1] & 0x80 == 0, "servers never mask")
    #expect(head[0] & 0x80 != 0, "servers send messages whole")
    var length = Int(head[1] & 0x7F)
    if length > 125 {
      length = try await take(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
    }
    return Frame(
      opcode: head[0] & 0x0F, isCompressed: head[0] & 0x40 != 0, payload: try await take(length))
  }

  /// The next frame that is no ping of Engine.IO.
  func message() async throws -> String {
    while true {
      let frame = try await frame()
      if frame.text != "2" || frame.opcode != 1 { return frame.text }
    }
  }

  /// The code of the close frame that comes, after whatever comes before it. It is answered, as it has to be; then the
  /// server ends the connection.
  func closeCode() async throws -> Int? {
    while true {
      let frame = try await frame()
      guard frame.opcode == 8 else { continue }
      do {
        try await send(ClientFrame(.close, frame.payload).bytes)
      } catch {
        // The server waits for no answer where it was asked for the end, or where it cannot read any more.
      }
      try await end()
      return frame.code
    }
  }

  /// Returns when the server has ended the connection.
  func end() async throws {
    do {
      while true { try await more() }
    } catch is Ended {
      #expect(!channel.isActive, "the server does not end the connection")
    }
  }
}

/// Hands on what is received. A silence of ten seconds ends it, so that no test waits for ever.
private final class Collector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let continuation: AsyncStream<ByteBuffer>.Continuation

  init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    continuation.yield(unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { continuation.finish() }
  }
}
