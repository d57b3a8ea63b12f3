// Thousands of rooms of two in which somebody says something at a steady rate.

import LoadClient
import NIOCore

/// Everybody connects, the talk warms up, and then it is measured for so many seconds.
final class PairsLoad: Load {
  private static let warmUp = TimeAmount.seconds(5)
  private static let patience = TimeAmount.seconds(15)

  let crowd: Crowd
  let done: EventLoopPromise<Void>
  private var talk: Talk?

  init(_ crowd: Crowd) {
    self.crowd = crowd
    done = crowd.loop.makePromise()
  }

  func isLive(_ client: SocketClient) {
    guard isEverybodyLive else { return }
    sayConnected()
    after(.seconds(3)) { $0.start() }
  }

  private func start() {
    let talk = Talk(crowd, pairs: crowd.clients.count / 2, perSecond: crowd.order("rate"))
    self.talk = talk
    talk.begin()
    after(Self.warmUp) {
      $0.talk?.count()
      Findings.say("talkBegins")
    }
    let end = Self.warmUp + .seconds(Int64(crowd.order("seconds")))
    after(end) {
      $0.talk?.stop()
      Findings.say("talkEnds")
      $0.finish(by: .now() + Self.patience)
    }
  }

  /// Waits for what is still on its way, with an end.
  private func finish(by deadline: NIODeadline) {
    guard let talk else { return }
    let isComplete = talk.arrivals.count == talk.sentCount
    guard isComplete || .now() >= deadline else {
      return after(.milliseconds(50)) { $0.finish(by: deadline) }
    }
    talk.report("talk")
    done.succeed()
  }

  func arrived(_ number: Int, at client: SocketClient) { talk?.arrived(number, at: client) }
  func acknowledged(_ number: Int) { talk?.acknowledged(number) }
}
