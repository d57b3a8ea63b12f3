// Connects all sockets and holds them, so that the server's memory can be looked at.

import Glibc
import LoadClient
import NIOCore
import NIOPosix

/// Says how long the handshakes took, and ends with a line on standard input.
final class HoldLoad: Load {
  private let crowd: Crowd
  private let isConnected: EventLoopPromise<Void>

  init(_ crowd: Crowd) {
    self.crowd = crowd
    isConnected = crowd.loop.makePromise()
  }

  func begin() -> EventLoopFuture<Void> {
    let (loop, count) = (crowd.loop, Double(crowd.clients.count))
    let start = NIODeadline.now()
    crowd.connect(crowd.clients)
    return isConnected.futureResult.flatMap {
      let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
      Findings.say("connected", ["sockets": count, "seconds": seconds])
      // On a thread of its own: the loop must go on answering pings.
      return NIOThreadPool.singleton.runIfActive(eventLoop: loop) { _ = readLine() }
    }
  }

  func isLive(_ client: SocketClient) {
    if crowd.liveCount == crowd.clients.count { isConnected.succeed() }
  }

  func ended(_ client: SocketClient, _ reason: String) {
    Findings.fail("socket \(client.number) ended, \(crowd.liveCount) are left: \(reason)")
  }

  func arrived(_ number: Int, at client: SocketClient) {}
  func acknowledged(_ number: Int) {}
}
