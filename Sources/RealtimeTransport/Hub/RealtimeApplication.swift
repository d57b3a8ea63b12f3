// What a service does with sockets, and what it is told about them.

package import RealtimeProtocol

/// Decides who connects and answers events. The hub's workers call it, never an event loop.
///
/// For one socket the calls come one after another: `connect` first; when it accepts, each event in
/// the order in which the client sent it; `disconnected` last, exactly once for each socket that was accepted.
/// Over all sockets at most `TransportSettings.eventConcurrency` calls run at once.
package protocol RealtimeApplication: Sendable {
  /// Somebody asks for a namespace. The socket may be sent to and may join groups from here on; what it is
  /// sent waits until its acceptance is on the way.
  func connect(_ request: ConnectRequest) async -> ConnectDecision

  /// An event of an accepted socket. What is returned acknowledges it. `nil`, or an event that wants no
  /// acknowledgement: nothing is sent; then an application may have used `RealtimeHub.acknowledge` itself.
  func event(_ event: IncomingEvent) async -> [JSONValue]?

  /// The socket is gone, and its groups have forgotten it.
  func disconnected(_ socket: SocketID, _ reason: CloseReason) async
}

/// Names one socket: one namespace on one connection. Never used again while the process lives.
package struct SocketID: Hashable, Sendable, CustomStringConvertible {
  /// Which of the hub's event loops it lives on.
  let shard: Int
  /// Counts within the shard.
  let number: UInt64

  /// For a log.
  package var description: String { "\(shard)-\(number)" }

  /// What the client knows the socket by: no secret, only different from all others, and short enough to need no
  /// memory of its own. Multiplying by an odd number keeps them different and hides how many there were.
  var clientName: String {
    String((number << 10 | UInt64(shard)) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
  }
}

/// Names a set of sockets that hear the same. A group exists while it has members.
package struct GroupKey: Hashable, Sendable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  package var description: String { name }
}

/// What is known of somebody who asks for a namespace.
package struct ConnectRequest: Sendable {
  package let socket: SocketID
  /// `/` or `/custom`.
  package let namespace: String
  /// What the client says of itself; empty when it said nothing.
  package let auth: JSONObject
  package let client: ClientOrigin
}

/// Where a connection comes from.
package struct ClientOrigin: Sendable, Hashable {
  /// The client's address, as far as we believe it; `nil` on a Unix socket.
  package let address: String?
  /// Connections are counted by this; `nil`: they are not.
  package let countKey: String?
  /// What the program calls itself.
  package let userAgent: String?

  package init(address: String?, countKey: String?, userAgent: String?) {
    (self.address, self.countKey, self.userAgent) = (address, countKey, userAgent)
  }
}

/// What a request tells of its origin, before anybody believes it.
package struct ClaimedOrigin: Sendable {
  /// The address of the other end of the connection.
  package let peer: String?
  /// The values of `X-Forwarded-For`.
  package let forwardedFor: [String]
  package let userAgent: String?
}

/// The answer to `ConnectRequest`.
package enum ConnectDecision: Sendable {
  case accepted
  /// The client gets `message`, and `data` with it where there is any. The connection stays for other namespaces.
  case refused(message: String, data: JSONValue? = nil)
}

/// One event of a client.
package struct IncomingEvent: Sendable {
  package let socket: SocketID
  package let namespace: String
  package let name: String
  /// Binary attachments are in their places.
  package let arguments: [JSONValue]
  /// What an acknowledgement has to name; `nil`: the client wants none.
  package let acknowledgementID: Int64?
}

/// How the server ends a socket.
package enum SocketEnd: Sendable, Hashable {
  /// The client is told to leave, and does not come back by itself.
  case ended(String)
  /// The connection is cut, and clients come back by themselves.
  case interrupted(String)
}
