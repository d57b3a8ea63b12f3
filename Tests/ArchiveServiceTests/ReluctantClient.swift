// Clients that take answers slowly or never, that hold connections, and that break them.

import ArchiveTesting
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Sends bytes as soon as the connection is there, on the event loop: a busy machine that lets tests
/// wait for a thread does not delay them.
final class FirstBytes: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func channelActive(context: ChannelHandlerContext) {
    if !bytes.isEmpty {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
    context.fireChannelActive()
  }
}

/// Takes what is there once in a while, or never.
final class ReluctantReader: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let pause: TimeAmount?
  private let bytes = Mutex<[UInt8]>([])

  /// - Parameter pause: `nil` never reads.
  init(pause: TimeAmount?) { self.pause = pause }

  var received: [UInt8] { bytes.withLock { $0 } }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    readLater(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    bytes.withLock { $0 += buffer.readableBytesView }
  }

  func channelReadComplete(context: ChannelHandlerContext) { readLater(context) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func readLater(_ context: ChannelHandlerContext) {
    guard let pause else { return }
    context.eventLoop.assumeIsolated().scheduleTask(in: pause) { context.read() }
  }
}

extension TestServer {
  /// Sends a request, reads at most 64 KiB after each pause, and returns what came until the end.
  func exchange(_ request: [UInt8], readingEvery pause: TimeAmount?) async throws -> [UInt8] {
    let reader = ReluctantReader(pause: pause)
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.autoRead, value: false)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.socketOption(.so_rcvbuf), value: 16 << 10)
      .channelInitializer { channel in
        channel.pipeline.addHandlers([FirstBytes(request), reader])
      }
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.closeFuture.get()
    return reader.received
  }

  /// Sends a part of a request and ends the connection, with a reset or in the orderly way.
  func breakOff(after part: [UInt8], reset: Bool) async throws {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelInitializer { $0.pipeline.addHandler(FirstBytes(part)) }
      .connect(host: "127.0.0.1", port: port).get()
    if reset {
      let provider = try #require(channel as? any SocketOptionProvider)
      try await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    // The server may have been faster.
    do { try await channel.close() } catch ChannelError.alreadyClosed {}
  }

  /// Opens connections one after another, each answered and kept, and runs the body, which may ask
  /// for one more answer on the last.
  func holding<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (_ ask: () async throws -> Void) async throws -> Result
  ) async throws -> Result {
    let request = Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FirstBytes(request))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var answers = inbound.makeAsyncIterator()
      try #require(try await answers.next() != nil)
      if count > 1 { return try await holding(count - 1, body) }
      return try await body {
        try await outbound.write(ByteBuffer(bytes: request))
        try #require(try await answers.next() != nil)
      }
    }
  }
}
