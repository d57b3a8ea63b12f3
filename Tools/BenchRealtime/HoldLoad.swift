// Connects all sockets and holds them, so that the server's memory can be looked at.

import Glibc
import LoadClient
import NIOCore
import NIOPosix

/// Says how long the handshakes took, and ends with a line on standard input.
final class HoldLoad: Load {
  let crowd: Crowd
  let done: EventLoopPromise<Void>

  init(_ crowd: Crowd) {
    self.crowd = crowd
    done = crowd.loop.makePromise()
  }

  func begin() -> EventLoopFuture<Void> {
    let (loop, count) = (crowd.loop, Double(crowd.clients.count))
    let start = NIODeadline.now()
    crowd.connect(crowd.clients)
    return done.futureResult.flatMap {
      let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
      Findings.say("connected", ["sockets": count, "seconds": seconds])
      // On a thread of its own: the loop must go on answering pings.
      return NIOThreadPool.singleton.runIfActive(eventLoop: loop) { _ = readLine() }
    }
  }

  func isLive(_ client: SocketClient) {
    if isEverybodyLive { done.succeed() }
  }
}
