// One act of the bench, and how most of them begin, wait and fail.

import LoadClient
import NIOCore

/// What is told everything that the sockets hear; on the event loop only.
protocol Load: AnyObject, SendableMetatype {
  var crowd: Crowd { get }
  /// Kept when everything was measured and said.
  var done: EventLoopPromise<Void> { get }

  func begin() -> EventLoopFuture<Void>
  /// Message `number` came on a socket that did not send it.
  func arrived(_ number: Int, at client: SocketClient)
  func acknowledged(_ number: Int)
  /// One more socket is live, perhaps again.
  func isLive(_ client: SocketClient)
  /// A socket has ended that was live or tried to be.
  func ended(_ client: SocketClient, _ reason: String)
}

extension Load {
  /// Connects everybody.
  func begin() -> EventLoopFuture<Void> {
    crowd.connect(crowd.clients)
    return done.futureResult
  }

  var isEverybodyLive: Bool { crowd.liveCount == crowd.clients.count }

  func sayConnected() { Findings.say("connected", ["sockets": Double(crowd.liveCount)]) }

  func after(_ time: TimeAmount, _ act: @escaping @Sendable (Self) -> Void) {
    let bound = NIOLoopBound(self, eventLoop: crowd.loop)
    crowd.loop.scheduleTask(in: time) { act(bound.value) }
  }

  func ended(_ client: SocketClient, _ reason: String) {
    Findings.fail("socket \(client.number) ended, \(crowd.liveCount) are left: \(reason)")
  }

  func arrived(_ number: Int, at client: SocketClient) {}
  func acknowledged(_ number: Int) {}
}
