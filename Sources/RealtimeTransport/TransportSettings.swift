// The limits and times of realtime connections, as data.

package import RealtimeProtocol

/// What bounds realtime connections, beside what their protocols are bounded by.
package struct TransportSettings: Sendable {
  /// Where clients connect; begins and ends with a slash.
  package var path = "/socket.io/"
  /// Heartbeats, and the sizes of what is received.
  package var sessions = RealtimeSettings()

  /// A WebSocket that is closed has that long to answer the close frame, and to take what was sent before.
  package var closeTimeout: Duration = .seconds(5)
  /// What waits at shutdown has that long to leave.
  package var drainDeadline: Duration = .seconds(10)

  /// A WebSocket for which more than that waits is cut off.
  package var inFlightLimitBytes = 1 << 20
  /// Connections at once.
  package var connectionLimit = 20_000
  /// Connections at once with the same `ClientOrigin.countKey`.
  package var connectionsPerOrigin = 1_000
  /// Namespaces of one connection.
  package var namespacesPerConnection = 10

  /// Calls of the application at once.
  package var eventConcurrency = 256
  /// Calls that one connection may have waiting; beyond them nothing is read from it.
  package var eventQueueLimit = 64

  /// Messages from that size on are compressed for clients that can take it; `nil`: none are.
  package var compressionFloorBytes: Int? = 1024
  /// Which pages may connect.
  package var origins = OriginRule()

  package init() {}

  /// How exactly deadlines are kept: far below what they are.
  var wheelStep: Duration {
    min(.milliseconds(100), min(sessions.pingInterval, sessions.pingTimeout) / 20)
  }
}
