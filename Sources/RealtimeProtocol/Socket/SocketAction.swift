// What the namespaces of a session want done.

/// An event that a client sent.
package struct SocketEvent: Hashable, Sendable {
  package let namespace: String
  package let name: String
  package let arguments: [JSONValue]
  /// Set where the client wants an acknowledgement; it goes into ``EncodedPacket/acknowledgement(_:_:namespace:)``.
  package let id: Int64?
}

/// One thing that whoever drives a session does, in the order of the array.
package enum SocketAction: Hashable, Sendable {
  /// Send it over the session's transport.
  case send(EncodedPacket)
  /// Decide whether the client may join, and say so with `accept` or `refuse`, once.
  case connect(namespace: String, auth: JSONObject)
  /// Hand it to the application. Those of one namespace are in the client's order.
  case event(SocketEvent)
  /// The client acknowledges what it was sent.
  case acknowledged(namespace: String, id: Int64, arguments: [JSONValue])
  /// The client is no longer in the namespace. Comes once for every `accept`.
  case disconnected(namespace: String, socketID: String, reason: CloseReason)
  /// The client broke the protocol: end the session.
  case fail(CloseReason)
}
