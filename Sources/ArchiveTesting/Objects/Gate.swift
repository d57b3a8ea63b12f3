// Holds calls until a test lets them go: races without sleeping.

import ArchiveCore
import Synchronization

/// Where held calls wait. Once opened, it lets those pass that are waiting; later ones wait anew.
final class Gate: Sendable {
  private struct State {
    var nextNumber = 0
    var held: [Int: CheckedContinuation<Bool, Never>] = [:]
    var cancelled: Set<Int> = []
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  /// Returns when the gate is opened; throws when the task is cancelled.
  func pass() async throws(StoreError) {
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    let mayPass = await withTaskCancellationHandler {
      await withCheckedContinuation { hold($0, number) }
    } onCancel: {
      cancel(number)
    }
    guard mayPass else { throw StoreError(.unavailable, "a held call was cancelled") }
  }

  func open() {
    let held = state.withLock { state in
      defer { state.held = [:] }
      return Array(state.held.values)
    }
    for continuation in held { continuation.resume(returning: true) }
  }

  func waitUntilHeld(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        guard state.held.count < count else { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  private func hold(_ continuation: CheckedContinuation<Bool, Never>, _ number: Int) {
    let (isCancelled, watchers) = state.withLock { state in
      if state.cancelled.remove(number) != nil {
        return (true, [CheckedContinuation<Void, Never>]())
      }
      state.held[number] = continuation
      let heldCount = state.held.count
      let done = state.watchers.filter { $0.count <= heldCount }.map(\.continuation)
      state.watchers.removeAll { $0.count <= heldCount }
      return (false, done)
    }
    if isCancelled { continuation.resume(returning: false) }
    for watcher in watchers { watcher.resume() }
  }

  private func cancel(_ number: Int) {
    let continuation = state.withLock { state in
      let continuation = state.held.removeValue(forKey: number)
      if continuation == nil { state.cancelled.insert(number) }
      return continuation
    }
    continuation?.resume(returning: false)
  }
}
