// Thousands of rooms of two in which somebody says something at a steady rate.

import LoadClient
import NIOCore

/// Everybody connects, the talk warms up, and then it is measured for so many seconds.
final class PairsLoad: Load {
  private static let warmUp = TimeAmount.seconds(5)
  private static let patience = TimeAmount.seconds(15)

  private let crowd: Crowd
  private let done: EventLoopPromise<Void>
  private var talk: Talk?

  init(_ crowd: Crowd) {
    self.crowd = crowd
    done = crowd.loop.makePromise()
  }

  func begin() -> EventLoopFuture<Void> {
    crowd.connect(crowd.clients)
    return done.futureResult
  }

  func isLive(_ client: SocketClient) {
    guard crowd.liveCount == crowd.clients.count else { return }
    Findings.say("connected", ["sockets": Double(crowd.liveCount)])
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

  private func after(_ time: TimeAmount, _ act: @escaping @Sendable (PairsLoad) -> Void) {
    let bound = NIOLoopBound(self, eventLoop: crowd.loop)
    crowd.loop.scheduleTask(in: time) { act(bound.value) }
  }

  func arrived(_ number: Int, at client: SocketClient) { talk?.arrived(number, at: client) }
  func acknowledged(_ number: Int) { talk?.acknowledged(number) }

  func ended(_ client: SocketClient, _ reason: String) {
    Findings.fail("socket \(client.number) ended, \(crowd.liveCount) are left: \(reason)")
  }
}
