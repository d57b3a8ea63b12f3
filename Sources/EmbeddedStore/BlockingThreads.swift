// Own threads for calls that block, so that Swift's few cooperative threads never wait for a disk.

import ArchiveCore
import Dispatch
import Foundation
import Synchronization

/// A fixed number of threads that carry out blocking work in the order in which it comes.
///
/// The queue is bounded: when it is full, work is refused as `unavailable` and nothing grows.
/// `close` carries out what was accepted, ends the threads and returns when the last has ended.
final class BlockingThreads: Sendable {
  private let shared: Shared
  private let queueLimit: Int

  init(name: String, count: Int, queueLimit: Int = 1024) {
    self.queueLimit = queueLimit
    let shared = Shared(threadCount: max(1, count))
    self.shared = shared
    for number in 1...max(1, count) {
      // The threads hold the queue and not this object, so that dropping it ends them as well.
      let thread = Thread { shared.serve() }
      thread.name = "\(name)-\(number)"
      thread.start()
    }
  }

  deinit { shared.stop() }

  /// Carries out the work on one of the threads and returns what it returned.
  ///
  /// Work that has begun is never broken off: half a file operation would have to be cleaned up anyway.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws(StoreError) -> Value)
    async throws(StoreError) -> Value
  {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      let refusal = shared.accept(limit: queueLimit) {
        continuation.resume(returning: Result(catching: work))
      }
      if let refusal { continuation.resume(returning: .failure(refusal)) }
    }
    return try result.get()
  }

  /// Refuses new work, carries out the accepted, ends the threads. May be called again.
  func close() async {
    shared.stop()
    await withCheckedContinuation { shared.whenEnded($0) }
  }
}

/// The queue between callers and threads.
///
/// The semaphore counts queued work, plus one per thread once the queue is closed; so a thread that
/// is woken and finds nothing knows that it may end.
private final class Shared: Sendable {
  private struct State {
    var queue: [@Sendable () -> Void] = []
    var taken = 0
    var isClosed = false
    var threadsAlive: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)
  private let threadCount: Int

  init(threadCount: Int) {
    self.threadCount = threadCount
    state = Mutex(State(threadsAlive: threadCount))
  }

  /// `nil` when the work was queued.
  func accept(limit: Int, _ work: @escaping @Sendable () -> Void) -> StoreError? {
    let refusal: StoreError? = state.withLock { state in
      if state.isClosed { return StoreError(.unavailable, "the store is closed") }
      guard state.queue.count - state.taken < limit else {
        return StoreError(
          .unavailable, "too much work is waiting for the disk queued=`\(limit)`",
          hint: "retry later")
      }
      state.queue.append(work)
      return nil
    }
    if refusal == nil { wake.signal() }
    return refusal
  }

  func serve() {
    while true {
      wake.wait()
      guard let work = state.withLock({ Self.takeFirst(&$0) }) else { break }
      work()
    }
    let waiting = state.withLock { state in
      state.threadsAlive -= 1
      guard state.threadsAlive == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func stop() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    guard isFirst else { return }
    for _ in 0..<threadCount { wake.signal() }
  }

  func whenEnded(_ continuation: CheckedContinuation<Void, Never>) {
    let hasEnded = state.withLock { state in
      if state.threadsAlive > 0 { state.waiting.append(continuation) }
      return state.threadsAlive == 0
    }
    if hasEnded { continuation.resume() }
  }

  /// Moves a mark instead of the array, and drops the taken part now and then: constant time on average.
  private static func takeFirst(_ state: inout State) -> (@Sendable () -> Void)? {
    guard state.taken < state.queue.count else { return nil }
    let work = state.queue[state.taken]
    state.queue[state.taken] = {}
    state.taken += 1
    if state.taken * 2 > state.queue.count {
      state.queue.removeFirst(state.taken)
      state.taken = 0
    }
    return work
  }
}
