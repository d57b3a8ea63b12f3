// Connects many clients, some at a time.

import NIOCore

/// A queue of clients that are to connect; used on their event loop only.
///
/// Whoever listens to the clients tells it which of them are through.
package final class Dialer {
  private var waiting: ArraySlice<SocketClient>
  private var dialing: Set<Int> = []
  private let atOnce: Int

  package init(_ clients: [SocketClient], atOnce: Int) {
    (waiting, self.atOnce) = (clients[...], atOnce)
  }

  package var isDone: Bool { waiting.isEmpty && dialing.isEmpty }

  /// Keeps as many handshakes under way as it may.
  package func go() {
    while dialing.count < atOnce, let client = waiting.popFirst() {
      dialing.insert(client.number)
      client.connect()
    }
  }

  /// A client is live, or has failed: the next one's turn.
  package func finished(_ client: SocketClient) {
    dialing.remove(client.number)
    go()
  }
}
