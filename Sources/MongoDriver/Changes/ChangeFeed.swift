// The queue between the thread of a change stream and the task that reads it.

import Synchronization

/// Bounded: the thread waits while it is full, and the server keeps what is not fetched. One task reads at a time.
///
/// Everything is guarded by the mutex; continuations and signals are used after it is released.
final class ChangeFeed: Sendable {
  typealias Answer = Result<MongoChange?, MongoError>

  private struct State {
    var changes: [MongoChange] = []
    /// The first so many of `changes` were read.
    var read = 0
    var reader: CheckedContinuation<Answer, Never>?
    var end: Answer?
    var isThreadWaiting = false
  }

  private let state = Mutex(State())
  private let wake = SteadySignal()
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  var isClosed: Bool { state.withLock { $0.end != nil } }

  // MARK: - The task

  /// The next change; `nil` once the stream was closed. What came before a failure is given first.
  func next() async -> Answer {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (answer, hasRoom): (Answer?, Bool) = state.withLock { state in
          precondition(state.reader == nil, "one task at a time reads a change stream")
          let answer = Self.take(&state)
          if answer == nil { state.reader = continuation }
          defer { state.isThreadWaiting = answer == nil && state.isThreadWaiting }
          return (answer, answer != nil && state.isThreadWaiting)
        }
        if hasRoom { wake.signal() }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      close(.failure(MongoError(.cancelled, "the task that reads a change stream was cancelled")))
    }
  }

  /// Ends the stream for the task at once, and for the thread as soon as it looks.
  func close(_ end: Answer = .success(nil)) {
    let reader: CheckedContinuation<Answer, Never>? = state.withLock { state in
      if state.end != nil { return nil }
      (state.end, state.changes, state.read) = (end, [], 0)
      return state.reader.take()
    }
    wake.signal()
    reader?.resume(returning: end)
  }

  private static func take(_ state: inout State) -> Answer? {
    guard state.read < state.changes.count else { return state.end }
    let change = state.changes[state.read]
    state.read += 1
    if state.read == state.changes.count { (state.changes, state.read) = ([], 0) }
    return .success(change)
  }

  // MARK: - The thread

  /// Adds what one answer brought, at once: the limit is looked at before the next is fetched.
  func add(_ changes: [MongoChange]) {
    let (reader, answer): (CheckedContinuation<Answer, Never>?, Answer?) = state.withLock { state in
      guard state.end == nil else { return (nil, nil) }
      state.changes += changes
      guard state.reader != nil, let answer = Self.take(&state) else { return (nil, nil) }
      return (state.reader.take(), answer)
    }
    if let reader, let answer { reader.resume(returning: answer) }
  }

  /// Ends the stream behind what is in it.
  func fail(_ error: MongoError) {
    let reader: CheckedContinuation<Answer, Never>? = state.withLock { state in
      if state.end != nil { return nil }
      state.end = .failure(error)
      return state.reader.take()
    }
    reader?.resume(returning: .failure(error))
  }

  /// Blocks the thread until there is room; false when the stream is closed.
  func waitForRoom() -> Bool {
    while true {
      let (hasRoom, isClosed) = state.withLock { state in
        let hasRoom = state.changes.count - state.read < limit
        state.isThreadWaiting = !hasRoom && state.end == nil
        return (hasRoom, state.end != nil)
      }
      if hasRoom || isClosed { return !isClosed }
      wake.wait()
    }
  }

  /// Blocks the thread for that time, or until the stream is closed.
  func pause(_ duration: Duration) {
    let end = SteadyClock.now().adding(duration)
    while !isClosed, wake.wait(until: end) {}
  }
}
