// Threads of our own: libmongoc blocks, and must never block a thread that Swift's tasks share.

import Foundation
import Synchronization

enum OwnThread {
  static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
  }
}

/// Counts threads, and lets tasks wait until none is left.
final class ThreadCount: Sendable {
  private struct State {
    var alive = 0
    var isClosed = false
    var waiting: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// Counts one more, unless it is closed or so many are alive already.
  func begin(atMost limit: Int) throws(MongoError) {
    let refusal: MongoError? = state.withLock { state in
      if state.isClosed { return .closed }
      if state.alive >= limit {
        return MongoError(.busy, "no more threads are allowed limit=`\(limit)`")
      }
      state.alive += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  func end() {
    let ready = state.withLock { state in
      state.alive -= 1
      guard state.alive == 0 else { return [@Sendable () -> Void]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for call in ready { call() }
  }

  var isClosed: Bool { state.withLock(\.isClosed) }

  /// Begins no more from now on.
  func close() { state.withLock { $0.isClosed = true } }

  func waitUntilNoneIsLeft() async {
    await withCheckedContinuation { continuation in whenNoneIsLeft { continuation.resume() } }
  }

  /// Blocks the thread, which is one of the driver's own.
  func blockUntilNoneIsLeft() {
    let over = SteadySignal()
    whenNoneIsLeft { over.signal() }
    over.wait()
  }

  private func whenNoneIsLeft(_ call: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      if state.alive > 0 { state.waiting.append(call) }
      return state.alive == 0
    }
    if isOver { call() }
  }
}
