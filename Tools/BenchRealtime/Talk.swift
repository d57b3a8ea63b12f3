// Messages at a steady rate, whatever the server does, and how long each took.

import LoadClient
import NIOCore

/// Sockets in pairs: 2n speaks and 2n + 1 hears. Times count from the moment when a message was due and not from when
/// it was sent, so that a server that keeps everybody waiting is not flattered.
final class Talk {
  private static let tick = TimeAmount.milliseconds(1)

  private let crowd: Crowd
  private let speakers: [SocketClient]
  private let perSecond: Int
  private let start = NIODeadline.now()
  private var due: [NIODeadline?] = []
  private var turns = 0
  private var repeated: RepeatedTask?
  /// Messages that were due before are not counted.
  private(set) var firstCounted = 0
  private(set) var arrivals = Durations()
  private(set) var acknowledgements = Durations()

  /// - Parameter pairs: how many of them talk, the first ones.
  init(_ crowd: Crowd, pairs: Int, perSecond: Int) {
    self.crowd = crowd
    self.perSecond = perSecond
    // In an order that is no order, as people talk; the same in every run.
    var random = Shuffle()
    speakers = (0..<pairs).map { crowd.clients[2 * $0] }.shuffled(using: &random)
  }

  func begin() {
    let bound = NIOLoopBound(self, eventLoop: crowd.loop)
    repeated = crowd.loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
      bound.value.sayWhatIsDue()
    }
  }

  func stop() { repeated?.cancel() }

  /// What was heard so far is forgotten: from now on it counts.
  func count() {
    firstCounted = due.count
    (arrivals, acknowledgements) = (Durations(), Durations())
  }

  /// Messages since `count` that were sent.
  var sentCount: Int { due[firstCounted...].count { $0 != nil } }

  private func sayWhatIsDue() {
    let elapsed = (NIODeadline.now() - start).nanoseconds
    let wanted = Int(elapsed) / 1_000_000 * perSecond / 1000
    while due.count < wanted {
      let moment = start + .nanoseconds(Int64(due.count) * 1_000_000_000 / Int64(perSecond))
      let speaker = speakers[turns % speakers.count]
      turns += 1
      // Both may be on their way back to a server that was started again.
      let canTalk = speaker.isLive && crowd.clients[speaker.number + 1].isLive
      due.append(canTalk ? moment : nil)
      if canTalk { crowd.say(due.count - 1, by: speaker) }
    }
  }

  func arrived(_ number: Int, at client: SocketClient) {
    guard client.number % 2 == 1, let nanoseconds = age(number) else { return }
    arrivals.add(nanoseconds)
  }

  func acknowledged(_ number: Int) {
    if let nanoseconds = age(number) { acknowledgements.add(nanoseconds) }
  }

  private func age(_ number: Int) -> UInt64? {
    guard number >= firstCounted, number < due.count, let moment = due[number] else { return nil }
    return UInt64(max(0, (NIODeadline.now() - moment).nanoseconds))
  }

  /// Says what was counted.
  func report(_ event: String) {
    arrivals.sort()
    acknowledgements.sort()
    Findings.say(
      event,
      [
        "sent": Double(sentCount), "arrived": Double(arrivals.count),
        "acknowledged": Double(acknowledgements.count),
        "p50": arrivals.quantile(0.5), "p99": arrivals.quantile(0.99),
        "p999": arrivals.quantile(0.999), "worst": arrivals.quantile(1),
        "ackP50": acknowledgements.quantile(0.5), "ackP99": acknowledgements.quantile(0.99),
      ])
  }
}

/// The same order every time.
private struct Shuffle: RandomNumberGenerator {
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
