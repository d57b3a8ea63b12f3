// All sockets of a run.

import Glibc
import LoadClient
import NIOCore

/// Clients in their seats, on one event loop and used there only.
final class Crowd: SocketListener {
  let order: Order
  let loop: any EventLoop
  private(set) var clients: [SocketClient] = []
  private(set) var liveCount = 0
  private(set) var dialer: Dialer
  var listener: (any Load)?
  private let filler: String

  init(_ order: Order, on loop: any EventLoop) {
    (self.order, self.loop) = (order, loop)
    filler = String(repeating: "x", count: 191)
    dialer = Dialer([], atOnce: 0)
    clients = (0..<order("sockets")).map { number in
      let seat = order.seats[number % order.seats.count]
      // Eight addresses, so that not even runs in a row can use up the ports of one.
      let place = SocketClient.Place(
        host: "127.0.0.1", port: order.port, source: "127.0.0.\(2 + number % 8)", token: seat.token)
      return SocketClient(number, place, on: loop, self)
    }
  }

  func seat(_ client: SocketClient) -> Order.Seat {
    order.seats[client.number % order.seats.count]
  }

  /// Connects some of the clients, `atOnce` at a time.
  func connect(_ some: some Sequence<SocketClient>) {
    dialer = Dialer(Array(some), atOnce: order("atOnce"))
    dialer.go()
  }

  /// Says 200 bytes that carry their number, and asks for an acknowledgement.
  func say(_ number: Int, by client: SocketClient) {
    let conversation = seat(client).conversation
    client.send(
      ##"["sendMessage",{"conversationId":"\##(conversation)","text":"#\##(number) \##(filler)"}]"##,
      number: number)
  }

  // MARK: What the sockets say

  func socketIsLive(_ client: SocketClient) {
    liveCount += 1
    dialer.finished(client)
    listener?.isLive(client)
  }

  func socketEnded(_ client: SocketClient, _ reason: String) {
    if client.wasLive { liveCount -= 1 }
    dialer.finished(client)
    listener?.ended(client, reason)
  }

  func socket(_ client: SocketClient, acknowledged number: Int, _ payload: ByteBuffer) {
    guard payload.readableBytesView.firstRange(of: #""ok":true"#.utf8) != nil else {
      Findings.fail("a message was refused: \(String(buffer: payload))")
    }
    listener?.acknowledged(number)
  }

  func socket(_ client: SocketClient, received payload: ByteBuffer) {
    // Presence, typing and the like have no number; ids and times have no such sign.
    let bytes = payload.readableBytesView
    guard let sign = bytes.firstIndex(of: UInt8(ascii: "#")) else { return }
    var number = 0
    for byte in bytes[(sign + 1)...] {
      guard (48...57).contains(byte) else { break }
      number = number &* 10 &+ Int(byte &- 48)
    }
    listener?.arrived(number, at: client)
  }
}
