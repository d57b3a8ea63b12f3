// One WebSocket: bytes on one side, messages of a connection on the other.

import Gzip
import NIOCore
import RealtimeProtocol

/// The only handler of a connection that has become a WebSocket; with it an idle connection costs little more than NIO
/// itself. Reads and writes frames, answers pings, closes orderly.
///
/// It belongs to the channel's event loop. Its connection may live on another: then what one read brought goes there in
/// one piece, and nothing more is read until that is done.
// Only ever touched on its shard's event loop; the reference alone travels,
// in closures that execute there.
final class WebSocketHandler: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What a connection has its WebSocket do.
  enum Errand: Sendable {
    case packet(OutgoingPacket)
    case frame(EngineFrame)
    case close(CloseReason)
    /// Read on.
    case resume
    case abort
  }

  private enum Phase { case open, closing, closed }

  /// Of the channel's event loop.
  let shard: HubShard
  private let compresses: Bool
  /// Whether handlers of HTTP are still behind this one, which must not see anything any more.
  private let hidesTail: Bool
  private var connection: RealtimeConnection?
  private var context: ChannelHandlerContext?
  private var reader: FrameReader
  private var phase = Phase.open
  private var isUnflushed = false
  private var isPaused = false
  private var isReadWanted = false
  /// The client broke the protocol: where its next frame begins is anybody's guess, so nothing is read any more.
  private var hasFailed = false
  private var isTooSlow = false
  /// What was read and may not be handed over yet.
  private var rest: ByteBuffer?

  init(
    connection: RealtimeConnection, shard: HubShard, compresses: Bool, hidesTail: Bool
  ) {
    (self.connection, self.shard) = (connection, shard)
    (self.compresses, self.hidesTail) = (compresses, hidesTail)
    reader = FrameReader(
      limitBytes: shard.shared.settings.sessions.maxPayloadBytes, allowsCompression: compresses)
  }

  private var isLocal: Bool { connection?.shard === shard }

  // MARK: The channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    shard.counters.channels.up()
    let limit = shard.shared.settings.inFlightLimitBytes
    do {
      let options = context.channel.syncOptions
      try options?.setOption(
        .writeBufferWaterMark, value: .init(low: max(1, limit / 2), high: max(2, limit)))
      // A client's messages are small as a rule; each channel keeps a buffer of this size.
      try options?.setOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
    } catch {
      context.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    ended()
    self.context = nil
    shard.counters.channels.down()
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Reset by the client, as a rule; there is nobody to tell.
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    // The client sends no more, so it cannot close orderly either.
    case ChannelEvent.inputClosed: context.close(promise: nil)
    case is ChannelShouldQuiesceEvent: tell { $0.close(.serverShuttingDown) }
    default: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Handlers of HTTP behind this one do not ask for more, as nothing reaches them.
    if hidesTail { read(context: context) } else { context.fireChannelReadComplete() }
  }

  func read(context: ChannelHandlerContext) {
    if isPaused { isReadWanted = true } else { context.read() }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if hidesTail, mode == .output {
      // The HTTP half thinks that it has answered all there is.
      promise?.succeed()
    } else {
      context.close(mode: mode, promise: promise)
    }
  }

  /// Nothing comes and nothing goes any more.
  private func ended() {
    guard phase != .closed else { return }
    takeRest()
    phase = .closed
    rest = nil
    tell { [self] in $0.closed(self) }
    connection = nil
  }

  /// What arrived while a batch was on its way to another event loop was sent as orderly as the batch.
  private func takeRest() {
    guard phase == .open, isPaused, !isLocal, var buffer = rest else { return }
    (rest, isPaused) = (nil, false)
    take(&buffer)
  }

  private func tell(_ what: @escaping @Sendable (RealtimeConnection) -> Void) {
    guard let connection else { return }
    if isLocal {
      what(connection)
    } else {
      connection.shard.loop.execute { what(connection) }
    }
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { arrived(unwrapInboundIn(data)) }

  /// Also for what came behind the request for the WebSocket.
  func arrived(_ bytes: ByteBuffer) {
    if hasFailed { return }
    var buffer = bytes
    guard !isPaused else {
      if rest == nil { rest = buffer } else { rest?.writeBuffer(&buffer) }
      return
    }
    take(&buffer)
    keep(buffer)
  }

  private func keep(_ buffer: ByteBuffer) {
    rest = buffer.readableBytes > 0 && phase != .closed && !hasFailed ? buffer : nil
  }

  private func take(_ buffer: inout ByteBuffer) {
    // Frames for a connection on another event loop, until they go there together.
    var batch: [EngineFrame] = []
    var batchBytes = 0
    do throws(WebSocketFailure) {
      while !isPaused, !hasFailed, phase != .closed, let received = try reader.next(&buffer) {
        if case .close = received {
          // What came before the end goes before it; afterwards there is no connection to hand it to.
          handOver(batch)
          batch = []
        }
        guard let frame = try handle(received) else { continue }
        if isLocal {
          // The frame may have ended the session: then nobody is left who would have us read on.
          if connection?.receive(frame, from: self) == false, phase == .open { isPaused = true }
        } else {
          batch.append(frame)
          batchBytes += frame.byteCount
          if batchBytes > 256 << 10 { break }
        }
      }
    } catch {
      handOver(batch)
      return fail(error)
    }
    handOver(batch)
  }

  private func handOver(_ batch: [EngineFrame]) {
    guard !batch.isEmpty, let connection, phase == .open else { return }
    isPaused = true
    connection.shard.loop.execute {
      connection.receive(batch, from: self)
      if connection.mayRead { connection.shard.order(.resume, self) }
    }
  }

  /// The message in it, decompressed; pings, pongs and the end are dealt with here.
  private func handle(_ received: FrameReader.Received) throws(WebSocketFailure) -> EngineFrame? {
    switch received {
    case .ping(let payload):
      if phase == .open { write(FrameWriter.frame(.pong, payload)) }
      return nil
    case .pong: return nil
    case .close(let code):
      closeReceived(code)
      return nil
    case .text(let bytes, let isCompressed):
      guard phase == .open else { return nil }
      guard isCompressed else { return .text(bytes) }
      let text = try inflate(bytes)
      try FrameReader.requireUTF8(text)
      return .text(text)
    case .binary(let bytes, let isCompressed):
      guard phase == .open else { return nil }
      return .binary(isCompressed ? try inflate(bytes) : bytes)
    }
  }

  private func inflate(_ bytes: [UInt8]) throws(WebSocketFailure) -> [UInt8] {
    do {
      return try shard.inflater.decompress(
        bytes, limitBytes: shard.shared.settings.sessions.maxPayloadBytes)
    } catch {
      throw error == .tooLarge ? WebSocketFailure.tooLarge : WebSocketFailure.notDeflate
    }
  }

  private func fail(_ failure: WebSocketFailure) {
    rest = nil
    // While the end is under way nobody wants to know.
    guard phase == .open else { return abort() }
    hasFailed = true
    tell { [self] in $0.failed(failure, from: self) }
  }

  /// RFC 6455, 5.5.1: the frame is answered with one like it, and the server closes first.
  private func closeReceived(_ code: UInt16?) {
    guard phase == .open else { return abort() }
    let payload = CloseFrame.payload(code: code ?? 1000, text: "")
    finish(FrameWriter.frame(.close, code == nil ? [] : payload)) { $0.abort() }
    tell { [self] in $0.closed(self) }
    connection = nil
  }

  // MARK: Errands

  func perform(_ errand: Errand) {
    switch errand {
    case .packet(let packet):
      write(compresses ? packet.compressed(by: shard.deflater) : packet.plain)
    case .frame(.text(let bytes)): write(frame(.text, bytes))
    case .frame(.binary(let bytes)): write(frame(.binary, bytes))
    case .close(let reason): close(reason)
    case .resume: resume()
    case .abort: abort()
    }
  }

  private func frame(_ opcode: FrameHead.Opcode, _ bytes: [UInt8]) -> ByteBuffer {
    guard compresses, let floor = shard.shared.settings.compressionFloorBytes,
      bytes.count >= floor
    else { return FrameWriter.frame(opcode, bytes) }
    return FrameWriter.frame(opcode, shard.deflater.compress(bytes), isCompressed: true)
  }

  private func write(_ buffer: ByteBuffer) {
    // Behind a gap nothing may follow: a client that got what came later would never ask for what it missed. The
    // end may be on its way from another event loop, and meanwhile there may be room again.
    guard phase == .open, !isTooSlow, let context else { return }
    // What was written in this turn has not been tried to be sent: only what does not leave then is too much.
    if !context.channel.isWritable, isUnflushed { context.flush() }
    guard context.channel.isWritable else {
      // More waits than may wait. What it is told comes behind all that, for the case that it reads on.
      isTooSlow = true
      return tell { $0.tooSlow() }
    }
    context.write(wrapOutboundOut(buffer), promise: nil)
    guard !isUnflushed else { return }
    isUnflushed = true
    shard.flushLater(self)
  }

  func flush() {
    isUnflushed = false
    context?.flush()
  }

  private func close(_ reason: CloseReason) {
    guard phase == .open else { return }
    let payload = CloseFrame.payload(code: reason.webSocketCode, text: reason.text)
    finish(FrameWriter.frame(.close, payload)) { handler in
      // Nothing is read, so no answer can be waited for; the client sees the frame, then the end, and no reset.
      if handler.hasFailed { handler.context?.close(mode: .output, promise: nil) }
    }
    connection = nil
    // What still comes is read up to the answer.
    resume()
  }

  /// The last frame. Whoever does not take it, or does not answer where it has to, is cut off after a while.
  private func finish(_ frame: ByteBuffer, then: @escaping (WebSocketHandler) -> Void) {
    guard let context else { return }
    phase = .closing
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenSuccess { _ in then(self) }
    context.writeAndFlush(wrapOutboundOut(frame), promise: written)
    context.eventLoop.assumeIsolated().scheduleTask(
      in: TimeAmount(shard.shared.settings.closeTimeout)
    ) { [weak self] in self?.abort() }
  }

  private func abort() { context?.close(promise: nil) }

  private func resume() {
    guard isPaused else { return }
    isPaused = false
    if var buffer = rest {
      rest = nil
      take(&buffer)
      keep(buffer)
    }
    guard !isPaused, isReadWanted else { return }
    isReadWanted = false
    context?.read()
  }
}
