// What waits for the application: calls from the event loops, taken by the hub's workers.

import NIOCore
import RealtimeProtocol
import Synchronization

/// One call of the application.
enum PendingCall: Sendable {
  case connect(ConnectRequest)
  case event(IncomingEvent)
  case disconnected(SocketID, CloseReason)
}

/// The calls of one connection, in order. A worker that has begun with them goes on until there are none, without asking
/// the connection's event loop in between: many events in a row become many packets in one turn of that loop.
struct CallLine: Sendable {
  private var calls: [PendingCall] = []
  private var isTaken = false

  /// Whether a worker has to be found for it.
  mutating func append(_ call: PendingCall) -> Bool {
    calls.append(call)
    defer { isTaken = true }
    return !isTaken
  }

  /// All that wait; none: then the worker is done with the connection.
  mutating func take() -> [PendingCall] {
    let taken = calls
    calls = []
    isTaken = !taken.isEmpty
    return taken
  }
}

/// Connections that have calls, between event loops and workers. Each is in it once at most, so it is as long as there are
/// connections. Safe from any thread.
final class PendingCalls: Sendable {
  private struct State {
    var connections = CircularBuffer<RealtimeConnection>()
    var idle: [CheckedContinuation<RealtimeConnection?, Never>] = []
    var isEnding = false
  }

  private let state = Mutex(State())
  /// Calls that were handed in and have not ended.
  private let unfinished = Counter()

  var isIdle: Bool { unfinished.value == 0 }

  func begun() { unfinished.up() }
  func ended() { unfinished.down() }

  func append(_ connection: RealtimeConnection) {
    let worker = state.withLock { state -> CheckedContinuation<RealtimeConnection?, Never>? in
      if let worker = state.idle.popLast() { return worker }
      state.connections.append(connection)
      return nil
    }
    worker?.resume(returning: connection)
  }

  /// The next connection; `nil` when there are none and there will be none.
  func next() async -> RealtimeConnection? {
    await withCheckedContinuation { worker in
      let ready = state.withLock { state -> RealtimeConnection?? in
        if let connection = state.connections.popFirst() { return .some(connection) }
        if state.isEnding { return .some(nil) }
        state.idle.append(worker)
        return nil
      }
      if let ready { worker.resume(returning: ready) }
    }
  }

  /// What waits is still taken; then workers end.
  func end() {
    let idle = state.withLock { state -> [CheckedContinuation<RealtimeConnection?, Never>] in
      state.isEnding = true
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { worker.resume(returning: nil) }
  }
}
