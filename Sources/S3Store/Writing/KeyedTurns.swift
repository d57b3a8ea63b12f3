// One at a time for each key, in the order of asking.

import ArchiveCore
import Synchronization

/// A lock per key that is waited for without a thread.
///
/// The mutex guards all fields; continuations are resumed after it is released. Who waits and is
/// cancelled leaves the queue at once.
final class KeyedTurns: Sendable {
  private enum Outcome { case granted, cancelled, full }

  private struct Waiter {
    let number: UInt64
    let continuation: CheckedContinuation<Outcome, Never>
  }

  private struct State {
    /// A key that is here is taken; behind it stands who waits for it.
    var queues: [String: [Waiter]] = [:]
    var waitingCount = 0
    var lastNumber: UInt64 = 0
    /// Cancelled before they stood in the queue.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())
  private let limit: Int

  /// At most `limit` wait, over all keys.
  init(limit: Int = 10_000) { self.limit = limit }

  /// How many wait.
  var waitingCount: Int { state.withLock { $0.waitingCount } }

  /// Runs the work when all who asked before for this key are done.
  func inTurn<Value>(_ key: String, _ work: () async throws(StoreError) -> Value)
    async throws(StoreError) -> Value
  {
    try await take(key)
    defer { give(key) }
    return try await work()
  }

  /// Returns when the key is the caller's, who must `give` it back; `unavailable` when the task is
  /// cancelled or too many wait.
  func take(_ key: String) async throws(StoreError) {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { enter(key, Waiter(number: number, continuation: $0)) }
    } onCancel: {
      cancel(number, key)
    }
    // The handler may have run after the turn was granted; the work itself will notice the cancellation.
    state.withLock { _ = $0.cancelled.remove(number) }
    switch outcome {
    case .granted: return
    case .cancelled:
      throw StoreError(
        .unavailable, "the call was cancelled key=`\(key)`", cause: CancellationError())
    case .full: throw StoreError(.unavailable, "too many puts wait for their turn key=`\(key)`")
    }
  }

  /// Lets the next one have the key.
  func give(_ key: String) {
    let next: Waiter? = state.withLock { state in
      guard var queue = state.queues[key], !queue.isEmpty else {
        state.queues[key] = nil
        return nil
      }
      let next = queue.removeFirst()
      state.queues[key] = queue
      state.waitingCount -= 1
      return next
    }
    next?.continuation.resume(returning: .granted)
  }

  private func enter(_ key: String, _ waiter: Waiter) {
    let outcome: Outcome? = state.withLock { state in
      if state.cancelled.contains(waiter.number) { return .cancelled }
      guard state.queues[key] != nil else {
        state.queues[key] = []
        return .granted
      }
      guard state.waitingCount < limit else { return .full }
      state.queues[key, default: []].append(waiter)
      state.waitingCount += 1
      return nil
    }
    if let outcome { waiter.continuation.resume(returning: outcome) }
  }

  private func cancel(_ number: UInt64, _ key: String) {
    let waiter: Waiter? = state.withLock { state in
      guard let index = state.queues[key]?.firstIndex(where: { $0.number == number }) else {
        state.cancelled.insert(number)
        return nil
      }
      state.waitingCount -= 1
      return state.queues[key]?.remove(at: index)
    }
    waiter?.continuation.resume(returning: .cancelled)
  }
}
