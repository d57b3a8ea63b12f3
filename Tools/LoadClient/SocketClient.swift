// A client of Socket.IO over one WebSocket, as cheap as it can be, for loads of thousands.

import Glibc
package import NIOCore
import NIOPosix

/// One connection at a time: an Engine.IO session on a WebSocket, and in it the namespace `/`.
///
/// It lives on one event loop and is used there only. After `socketEnded` it may connect again.
package final class SocketClient {
  /// Where and as whom it connects.
  package struct Place: Sendable {
    package let host: String
    package let port: Int
    /// The address that it connects from; several keep ports from running out.
    package let source: String
    /// The access token of the handshake.
    package let token: String

    package init(host: String, port: Int, source: String, token: String) {
      (self.host, self.port, self.source, self.token) = (host, port, source, token)
    }
  }

  /// What it waits for next.
  package enum State { case idle, dialing, upgrading, opening, connecting, live }

  /// The listener's own number for it.
  package let number: Int
  package var place: Place
  package private(set) var state = State.idle
  /// Whether the connection that has ended was live; for `socketEnded`.
  package private(set) var wasLive = false
  private let loop: any EventLoop
  /// Weak, because the listener holds its clients.
  private weak var listener: (any SocketListener)?
  private var channel: (any Channel)?
  private var inbox = ByteBuffer()
  private var fault: String?
  /// The masks' source; a client of a test need not be unpredictable.
  private var maskSeed: UInt32

  package init(
    _ number: Int, _ place: Place, on loop: any EventLoop, _ listener: any SocketListener
  ) {
    (self.number, self.place, self.loop, self.listener) = (number, place, loop, listener)
    maskSeed = UInt32(truncatingIfNeeded: number) &* 2_654_435_761 | 1
  }

  package var isLive: Bool { state == .live }

  /// Begins to connect; the listener hears how it goes.
  package func connect() {
    precondition(state == .idle, "a client connects once at a time")
    (state, fault) = (.dialing, nil)
    let bound = NIOLoopBound(self, eventLoop: loop)
    do {
      let source = try SocketAddress(ipAddress: place.source, port: 0)
      ClientBootstrap(group: loop).connectTimeout(.seconds(60)).bind(to: source)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(SocketHandler(bound.value))
          }
        }
        .connect(to: try SocketAddress(ipAddress: place.host, port: place.port))
        .whenFailure { error in bound.value.end("cannot connect: \(error)") }
    } catch { end("cannot connect: \(error)") }
  }

  /// Sends an event; `json` is the array with its name and arguments.
  ///
  /// - Parameter number: asks for an acknowledgement, which comes back with it.
  package func send(_ json: String, number: Int? = nil) {
    let digits = number.map(String.init) ?? ""
    write(.text, ("42" + digits + json).utf8)
  }

  /// Ends the connection as a browser does.
  package func close() {
    write(.text, "41".utf8)
    channel?.close(promise: nil)
  }

  /// Is gone at once, as in a tunnel: the server is told by a reset, or not at all.
  package func vanish() {
    guard let channel, let options = channel as? any SocketOptionProvider else { return }
    options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      .whenComplete { _ in channel.close(promise: nil) }
  }

  // MARK: What the channel says

  fileprivate func opened(_ channel: any Channel) {
    (self.channel, state) = (channel, .upgrading)
    inbox.clear()
    let request = """
      GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: \(place.host):\(place.port)\r
      Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
      """
    channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
  }

  fileprivate func received(_ bytes: inout ByteBuffer) {
    // Mostly whole frames come, which are read where they lie.
    if inbox.readableBytes == 0 { swap(&inbox, &bytes) } else { inbox.writeBuffer(&bytes) }
    do {
      if state == .upgrading, try !readUpgrade() { return }
      while state != .idle, let frame = try WebSocketFrame.take(from: &inbox) { try take(frame) }
      // Held on to, the channel could not read into the same memory again.
      if inbox.readableBytes == 0 { inbox = ByteBuffer() }
    } catch { fail("\(error)") }
  }

  fileprivate func end(_ reason: String) {
    guard state != .idle else { return }
    (wasLive, state, channel) = (state == .live, .idle, nil)
    inbox = ByteBuffer()
    listener?.socketEnded(self, fault ?? reason)
  }

  // MARK: What the server says

  /// The answer to the one key that is ever sent; RFC 6455 has it as its example.
  private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  private func readUpgrade() throws(WireFault) -> Bool {
    guard let end = inbox.readableBytesView.firstRange(of: "\r\n\r\n".utf8) else { return false }
    let head = inbox.readString(length: end.upperBound - inbox.readerIndex) ?? ""
    guard head.hasPrefix("HTTP/1.1 101"), head.contains(Self.accept) else {
      throw WireFault("the upgrade was answered \((head + String(buffer: inbox)).prefix(500))")
    }
    state = .opening
    return true
  }

  private func take(_ frame: WebSocketFrame) throws(WireFault) {
    switch frame.operation {
    case .text where frame.isFinal: try take(frame.payload)
    case .ping: write(.pong, frame.payload.readableBytesView)
    case .pong: break
    case .close:
      var payload = frame.payload
      let code = payload.readInteger(as: UInt16.self) ?? 1005
      throw WireFault("closed with \(code) \(String(buffer: payload))")
    default: throw WireFault("a frame that this client does not expect: \(frame.operation)")
    }
  }

  private func take(_ packet: ByteBuffer) throws(WireFault) {
    var packet = packet
    switch (packet.readInteger(as: UInt8.self), state) {
    case (UInt8(ascii: "4"), .connecting), (UInt8(ascii: "4"), .live): try takeMessage(packet)
    case (UInt8(ascii: "2"), _): write(.text, "3".utf8)
    case (UInt8(ascii: "6"), _): break
    case (UInt8(ascii: "0"), .opening):
      state = .connecting
      write(.text, #"40{"token":"\#(place.token)"}"#.utf8)
    default: throw WireFault("unexpected in \(state): \(String(buffer: packet).prefix(100))")
    }
  }

  private func takeMessage(_ message: ByteBuffer) throws(WireFault) {
    var message = message
    switch (message.readInteger(as: UInt8.self), state) {
    case (UInt8(ascii: "2"), .live): listener?.socket(self, received: message)
    case (UInt8(ascii: "3"), .live):
      let number = Self.takeNumber(&message)
      listener?.socket(self, acknowledged: number, message)
    case (UInt8(ascii: "0"), .connecting):
      state = .live
      listener?.socketIsLive(self)
    case (UInt8(ascii: "1"), _): throw WireFault("disconnected by the server")
    default: throw WireFault("refused: \(String(buffer: message).prefix(300))")
    }
  }

  private static func takeNumber(_ bytes: inout ByteBuffer) -> Int {
    var number = 0
    while let digit: UInt8 = bytes.getInteger(at: bytes.readerIndex), (48...57).contains(digit) {
      number = number &* 10 &+ Int(digit &- 48)
      bytes.moveReaderIndex(forwardBy: 1)
    }
    return number
  }

  fileprivate func fail(_ reason: String) {
    fault = fault ?? reason
    channel?.close(promise: nil)
  }

  private func write(_ operation: WebSocketFrame.Operation, _ payload: some Collection<UInt8>) {
    guard let channel else { return }
    maskSeed = maskSeed &* 1_664_525 &+ 1_013_904_223
    var buffer = channel.allocator.buffer(capacity: payload.count + 14)
    WebSocketFrame.write(operation, payload, mask: maskSeed, into: &buffer)
    channel.writeAndFlush(buffer, promise: nil)
  }
}

/// Hands what happens on the channel to the client.
private final class SocketHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let client: SocketClient

  init(_ client: SocketClient) { self.client = client }

  func channelActive(context: ChannelHandlerContext) { client.opened(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    client.received(&bytes)
  }

  func channelInactive(context: ChannelHandlerContext) { client.end("the connection ended") }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    client.fail("\(error)")
    context.close(promise: nil)
  }
}
