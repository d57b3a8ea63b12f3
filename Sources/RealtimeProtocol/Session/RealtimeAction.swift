// What a whole session wants done.

/// One thing that whoever drives a session does, in the order of the array.
package enum RealtimeAction: Equatable, Sendable {
  /// For the transport; never ``EngineAction/message(_:)``.
  case transport(EngineAction)
  /// Ask the application whether the client may join, and call `accept` or `refuse`, once.
  case connect(namespace: String, auth: JSONObject)
  /// Hand it to the application.
  case event(SocketEvent)
  case acknowledged(namespace: String, id: Int64, arguments: [JSONValue])
  /// Tell the application. Comes once for every `accept`.
  case disconnected(namespace: String, socketID: String, reason: CloseReason)
}
