// What a session wants done.

/// One thing that whoever drives a session does, in the order of the array.
package enum EngineAction: Equatable, Sendable {
  /// Write to the session's WebSocket.
  case write(EngineFrame)
  /// Write to the WebSocket that wants to take over.
  case writeProbe(EngineFrame)
  /// The WebSocket that wanted to take over is the session's from now on.
  case adoptProbe
  /// Close the session's WebSocket, after what was written.
  case closeWebSocket(CloseReason)
  /// Close the WebSocket that wanted to take over; the session goes on without it.
  case closeProbe
  /// Answer the poll that came first of those not answered: 200, `text/plain; charset=UTF-8`, this body.
  case answerPoll([UInt8])
  /// Answer the request that was just handed in with a refusal.
  case refuseRequest(EngineRefusal)
  /// Answer the push that was just handed in: 200, `ok`.
  case acceptPush
  /// The client's message, for the layer above.
  case message(EngineMessage)
  /// The session ended: tell the layer above. Comes once; no message comes afterwards.
  case closed(CloseReason)
  /// Forget the session. Comes once, with the end or somewhat later; only answers to the request at hand follow.
  case finished
}
