// Everybody in one room: how long until the last has a message, and how many a burst delivers.

import LoadClient
import NIOCore

/// Socket 0 speaks, all others hear. First one message at a time, then many at once.
final class RoomLoad: Load {
  /// Between two messages, for a server that tidies up behind itself.
  private static let pause = TimeAmount.milliseconds(200)
  private static let deadline = TimeAmount.seconds(300)

  let crowd: Crowd
  let done: EventLoopPromise<Void>
  private let hearers: Int
  /// Messages one at a time; those of the burst have the numbers from there on.
  private let messages: Int
  private let burst: Int
  private var current = -1
  private var sentAt = NIODeadline.now()
  private var arrivals = Durations()
  private var burstArrivals = 0

  init(_ crowd: Crowd) {
    self.crowd = crowd
    done = crowd.loop.makePromise()
    hearers = crowd.clients.count - 1
    (messages, burst) = (crowd.order("messages"), crowd.order("burst"))
  }

  func isLive(_ client: SocketClient) {
    guard isEverybodyLive else { return }
    sayConnected()
    after(.seconds(3)) { $0.next() }
    after(Self.deadline) { $0.giveUp() }
  }

  /// The next message, or the burst behind the last.
  private func next() {
    current += 1
    arrivals = Durations()
    sentAt = .now()
    if current < messages { return crowd.say(current, by: crowd.clients[0]) }
    Findings.say("burstBegins")
    for number in messages..<(messages + burst) { crowd.say(number, by: crowd.clients[0]) }
  }

  func arrived(_ number: Int, at client: SocketClient) {
    // The speaker's own copy is nobody's delivery.
    guard client.number != 0 else { return }
    if current == messages { return arrivedInBurst() }
    guard number == current else {
      Findings.fail("message \(number) came while \(current) was on its way")
    }
    arrivals.add(UInt64((NIODeadline.now() - sentAt).nanoseconds))
    if arrivals.count == hearers { finishMessage() }
  }

  private func finishMessage() {
    arrivals.sort()
    Findings.say(
      "message",
      [
        "p50": arrivals.quantile(0.5), "p99": arrivals.quantile(0.99), "last": arrivals.quantile(1),
      ])
    after(Self.pause) { $0.next() }
  }

  private func arrivedInBurst() {
    burstArrivals += 1
    guard burstArrivals == hearers * burst else { return }
    let seconds = Double((NIODeadline.now() - sentAt).nanoseconds) / 1e9
    Findings.say("burst", ["deliveries": Double(burstArrivals), "seconds": seconds])
    done.succeed()
  }

  private func giveUp() {
    Findings.fail(
      "after 300 s message \(current) came \(arrivals.count) times, the burst \(burstArrivals) times"
    )
  }
}
