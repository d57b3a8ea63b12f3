// What the hub counts, for metrics.

import Synchronization

/// Numbers of one moment. Those that end in `Total` only grow.
package struct RealtimeMeasurements: Sendable, Equatable {
  /// Sessions, however they travel.
  package var connections = 0
  /// Of these, the ones that have a WebSocket.
  package var webSockets = 0
  /// Namespaces that were joined.
  package var sockets = 0
  package var openedTotal = 0
  /// Refused because of a limit.
  package var refusedTotal = 0
  /// Cut off because too much waited for them.
  package var tooSlowTotal = 0
  package var pingTimeoutTotal = 0
  package var receivedTotal = 0
  /// Packets written or queued, each counted once for each receiver.
  package var sentTotal = 0
}

/// One shard's counters: written by its event loop, read by anybody.
final class ShardCounters: Sendable {
  let connections = Counter()
  /// WebSockets that are open or being closed.
  let channels = Counter()
  let webSockets = Counter()
  let sockets = Counter()
  let opened = Counter()
  let refused = Counter()
  let tooSlow = Counter()
  let pingTimeouts = Counter()
  let received = Counter()
  let sent = Counter()

  func add(to sum: inout RealtimeMeasurements) {
    sum.connections += connections.value
    sum.webSockets += webSockets.value
    sum.sockets += sockets.value
    sum.openedTotal += opened.value
    sum.refusedTotal += refused.value
    sum.tooSlowTotal += tooSlow.value
    sum.pingTimeoutTotal += pingTimeouts.value
    sum.receivedTotal += received.value
    sum.sentTotal += sent.value
  }
}

/// A number that one thread changes and all may read.
struct Counter: ~Copyable, Sendable {
  private let number = Atomic<Int>(0)

  var value: Int { number.load(ordering: .acquiring) }

  func up() { number.add(1, ordering: .releasing) }
  func down() { number.subtract(1, ordering: .releasing) }
}
