// The server goes away and comes back, and everybody with it, while those who are back already talk.

import LoadClient
import NIOCore

/// Connects all, waits until all are lost, and says when all are back.
///
/// Everybody comes back as Socket.IO's own clients do, half a second to one and a half after each loss or refusal.
final class StormLoad: Load {
  let crowd: Crowd
  let done: EventLoopPromise<Void>
  private var talk: Talk?
  private var wereLost = false
  private var areBack = false
  private var refusals = 0
  private var random = SystemRandomNumberGenerator()

  init(_ crowd: Crowd) {
    self.crowd = crowd
    done = crowd.loop.makePromise()
  }

  func isLive(_ client: SocketClient) {
    guard isEverybodyLive else { return }
    if areBack { return }
    if wereLost { return finish() }
    sayConnected()
    let talk = Talk(crowd, pairs: crowd.order("talkers"), perSecond: crowd.order("rate"))
    self.talk = talk
    talk.begin()
  }

  func ended(_ client: SocketClient, _ reason: String) {
    guard talk != nil else {
      Findings.fail("socket \(client.number) of \(crowd.liveCount): \(reason)")
    }
    if !client.wasLive { refusals += 1 }
    if crowd.liveCount == 0, !wereLost {
      wereLost = true
      talk?.count()
      Findings.say("lost")
    }
    let milliseconds = Int64.random(in: 500...1500, using: &random)
    let bound = NIOLoopBound(client, eventLoop: crowd.loop)
    crowd.loop.scheduleTask(in: .milliseconds(milliseconds)) { bound.value.connect() }
  }

  private func finish() {
    areBack = true
    Findings.say("back", ["sockets": Double(crowd.liveCount), "refusals": Double(refusals)])
    talk?.stop()
    after(.seconds(2)) {
      $0.talk?.report("talk")
      $0.done.succeed()
    }
  }

  func arrived(_ number: Int, at client: SocketClient) { talk?.arrived(number, at: client) }
  func acknowledged(_ number: Int) { talk?.acknowledged(number) }
}
