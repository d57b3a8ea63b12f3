// A result that is there once, for one who waits.

import Synchronization

/// Settled by whoever comes first, any thread; awaited by one task. What comes later is dropped.
package final class Promise<Value: Sendable, Failure: Error>: Sendable {
  package typealias Answer = Result<Value, Failure>

  private enum State {
    case open
    case awaited(CheckedContinuation<Answer, Never>)
    case settled(Answer)
  }

  private let state = Mutex(State.open)

  package init() {}

  /// - Parameter start: runs once the wait stands; not at all where the result is already there.
  package func value(afterStarting start: () -> Void) async -> Answer {
    await withCheckedContinuation { continuation in
      let early: Answer? = state.withLock { state in
        if case .settled(let answer) = state { return answer }
        state = .awaited(continuation)
        return nil
      }
      if let early { continuation.resume(returning: early) } else { start() }
    }
  }

  package func settle(_ answer: Answer) {
    let waiting: CheckedContinuation<Answer, Never>? = state.withLock { state in
      if case .settled = state { return nil }
      defer { state = .settled(answer) }
      guard case .awaited(let continuation) = state else { return nil }
      return continuation
    }
    waiting?.resume(returning: answer)
  }

  package var isSettled: Bool {
    state.withLock { if case .settled = $0 { true } else { false } }
  }
}
