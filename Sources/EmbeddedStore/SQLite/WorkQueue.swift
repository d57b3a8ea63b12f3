// A bounded queue between the tasks that ask and the threads that work.

import Dispatch
import Foundation
import Synchronization

/// First in, first out. Adding never waits: a full queue refuses. Taking blocks the worker's thread.
final class WorkQueue<Work: Sendable>: Sendable {
  enum Refusal { case full, closed }

  private struct State {
    var waiting: [Work] = []
    var sleepers = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { state.withLock { $0.waiting.count } }

  /// `nil` when the work was taken.
  func add(_ work: Work) -> Refusal? {
    let (refusal, wakes): (Refusal?, Bool) = state.withLock { state in
      if state.isClosed { return (.closed, false) }
      if state.waiting.count >= limit { return (.full, false) }
      state.waiting.append(work)
      guard state.sleepers > 0 else { return (nil, false) }
      state.sleepers -= 1
      return (nil, true)
    }
    if wakes { wakeUp.signal() }
    return refusal
  }

  /// The oldest pieces of work, at least one; `nil` once the queue is closed and empty.
  func take(atMost count: Int) -> [Work]? {
    while true {
      let (work, isOver): ([Work], Bool) = state.withLock { state in
        let work = Array(state.waiting.prefix(count))
        if work.isEmpty {
          if !state.isClosed { state.sleepers += 1 }
          return ([], state.isClosed)
        }
        state.waiting.removeFirst(work.count)
        return (work, false)
      }
      if !work.isEmpty { return work }
      if isOver { return nil }
      wakeUp.wait()
    }
  }

  /// Takes no more work; what waits is still done.
  func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers = 0 }
      return state.sleepers
    }
    for _ in 0..<sleepers { wakeUp.signal() }
  }
}

/// Something that ends once, and that tasks wait for.
final class Ending: Sendable {
  private struct State {
    var missing: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// Ends when `arrive` was called so many times.
  init(after count: Int) { state = Mutex(State(missing: count)) }

  func arrive() {
    let ready = state.withLock { state in
      state.missing -= 1
      guard state.missing == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in ready { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.missing <= 0 { return true }
        state.waiting.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }
}

/// Starts a thread of our own: blocking C never runs on the threads that Swift's tasks share.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  let thread = Thread(block: body)
  thread.name = name
  thread.start()
}
