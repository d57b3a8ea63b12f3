// What the suites expect an application to do.

import RealtimeProtocol
import RealtimeTransport

/// Greets with `auth`, sends `message` back as `message-back`, and acknowledges `message-with-ack` with what it got.
struct SuiteApplication: RealtimeApplication {
  let hub: RealtimeHub

  func connect(_ request: ConnectRequest) async -> ConnectDecision {
    Task { [hub] in
      // The suite listens for one message at a time, and loses what comes in the same piece as the one before.
      do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
      hub.send(
        .event("auth", [.object(request.auth)], namespace: request.namespace), to: request.socket)
    }
    return .accepted
  }

  func event(_ event: IncomingEvent) async -> [JSONValue]? {
    switch event.name {
    case "message":
      hub.send(
        .event("message-back", event.arguments, namespace: event.namespace), to: event.socket)
      return nil
    case "message-with-ack": return event.arguments
    default: return nil
    }
  }

  func disconnected(_ socket: SocketID, _ reason: CloseReason) async {}
}
