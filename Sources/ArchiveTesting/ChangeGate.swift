// A place where a test holds up or breaks the changes on their way to one reader of a store.

import ArchiveCore
import Synchronization

/// Lets changes pass, makes them wait, or breaks the streams. Everything is guarded by the one mutex; continuations
/// are resumed after it is released.
final class ChangeGate: Sendable {
  private struct State {
    var isClosed = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// Streams of an earlier generation break, with this error.
    var generation = 0
    var failure = StoreError(.unavailable, "the stream was made to break")
  }

  private let state = Mutex(State())

  func close() { state.withLock { $0.isClosed = true } }

  func open() {
    let waiting = state.withLock { state in
      state.isClosed = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Every open stream fails instead of giving its next change.
  func breakStreams(_ kind: StoreError.Kind) {
    state.withLock { state in
      state.generation += 1
      state.failure = StoreError(kind, "the stream was made to break")
    }
  }

  func passing(_ inner: AsyncThrowingStream<CollectionChange, any Error>)
    -> AsyncThrowingStream<CollectionChange, any Error>
  {
    let generation = state.withLock(\.generation)
    return AsyncThrowingStream {
      // Every iterator of the stream takes from the same queue.
      var changes = inner.makeAsyncIterator()
      let change = try await changes.next()
      await self.pass()
      if let failure = self.state.withLock({ $0.generation == generation ? nil : $0.failure }) {
        throw failure
      }
      return change
    }
  }

  private func pass() async {
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        if state.isClosed { state.waiting.append(continuation) }
        return !state.isClosed
      }
      if goesOn { continuation.resume() }
    }
  }
}
