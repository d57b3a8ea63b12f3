// A server that says whatever a test wants, byte by byte.

import NIOCore
import NIOPosix
import Synchronization

/// Plays the same script on every connection. Tells what happens in `events`.
final class ScriptServer: Sendable {
  enum Step: Sendable {
    /// Reads until the empty line behind a request's head.
    case awaitHead
    case send(String)
    /// The same text, which is not empty, again and again for as long as it is taken.
    case repeatForever(String)
    /// One byte each time so many milliseconds have passed.
    case trickle(String, everyMilliseconds: Int64)
    /// Takes no more bytes from now on.
    case stopReading
    case close
  }

  enum Event: Sendable, Equatable { case connected, head(String), closed }

  let port: Int
  let events: AsyncStream<Event>
  private let channel: any Channel

  init(_ script: [Step]) async throws {
    let (events, source) = AsyncStream.makeStream(of: Event.self)
    self.events = events
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ScriptHandler(script, source))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  var base: String { "http://127.0.0.1:\(port)" }

  /// Waits for an event that `isWanted`.
  func event(where isWanted: @Sendable (Event) -> Bool) async -> Event? {
    for await event in events where isWanted(event) { return event }
    return nil
  }

  func stop() async throws { try await channel.close() }
}

/// Plays a script on one connection.
final class ScriptHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var script: ArraySlice<ScriptServer.Step>
  private let source: AsyncStream<ScriptServer.Event>.Continuation
  private var received = ""
  private var isBusy = false

  init(_ script: [ScriptServer.Step], _ source: AsyncStream<ScriptServer.Event>.Continuation) {
    (self.script, self.source) = (script[...], source)
  }

  func channelActive(context: ChannelHandlerContext) {
    source.yield(.connected)
    advance(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    script = []
    source.yield(.closed)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if received.utf8.count < 1 << 16 { received += String(buffer: unwrapInboundIn(data)) }
    advance(context)
  }

  private func advance(_ context: ChannelHandlerContext) {
    while !isBusy, let step = script.first {
      if case .awaitHead = step, !hasHead { return }
      script.removeFirst()
      play(step, context)
    }
  }

  private var hasHead: Bool { received.utf8.firstRange(of: "\r\n\r\n".utf8) != nil }

  private func play(_ step: ScriptServer.Step, _ context: ChannelHandlerContext) {
    switch step {
    case .awaitHead:
      source.yield(.head(received))
      received = ""
    case .send(let text): write(text, context)
    case .repeatForever(let text): flood(text, context)
    case .trickle(let text, let pause): trickle(Array(text.utf8)[...], pause, context)
    case .stopReading: context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
    case .close: context.close(promise: nil)
    }
  }

  private func write(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  /// Paced by the clock: a loop that only writes would starve the other servers of its thread.
  private func flood(_ text: String, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    isBusy = true
    if context.channel.isWritable {
      write(String(repeating: text, count: 1 + (16 << 10) / text.utf8.count), context)
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(1)) {
      let (handler, context) = bound.value
      handler.flood(text, context)
    }
  }

  private func trickle(
    _ bytes: ArraySlice<UInt8>, _ pause: Int64, _ context: ChannelHandlerContext
  ) {
    guard let first = bytes.first, context.channel.isActive else {
      isBusy = false
      return advance(context)
    }
    isBusy = true
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [first])), promise: nil)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(pause)) {
      let (handler, context) = bound.value
      handler.trickle(bytes.dropFirst(), pause, context)
    }
  }
}
