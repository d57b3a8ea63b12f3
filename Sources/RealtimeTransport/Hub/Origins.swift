// How many connections there are, and from where.

import Synchronization

/// Counts connections, all together and by origin, against their limits. Safe from any thread.
final class Origins: Sendable {
  enum Refusal: Error { case full, tooManyFromOrigin, stopping }

  private struct State {
    var count = 0
    var byKey: [String: Int] = [:]
    var isStopping = false
  }

  private let state = Mutex(State())
  private let limit: Int
  private let limitPerOrigin: Int

  init(limit: Int, limitPerOrigin: Int) {
    (self.limit, self.limitPerOrigin) = (limit, limitPerOrigin)
  }

  var count: Int { state.withLock { $0.count } }

  func add(_ key: String?) throws(Refusal) {
    let refusal = state.withLock { state -> Refusal? in
      if state.isStopping { return .stopping }
      guard state.count < limit else { return .full }
      if let key {
        guard state.byKey[key, default: 0] < limitPerOrigin else { return .tooManyFromOrigin }
        state.byKey[key, default: 0] += 1
      }
      state.count += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  func remove(_ key: String?) {
    state.withLock { state in
      state.count -= 1
      guard let key, let count = state.byKey[key] else { return }
      state.byKey[key] = count > 1 ? count - 1 : nil
    }
  }

  /// Nobody is let in any more.
  func stop() { state.withLock { $0.isStopping = true } }
}
