// One operation on its way through the queue, a thread, and its deadline.

import Synchronization

/// An operation that a task waits for. Its result is there once, whoever is first: the thread that carries it
/// out, the watch at its deadline, or cancellation while it waits.
///
/// From the deadline on nothing new is begun for it, so the watch can say truly whether something may have changed.
final class Job: Sendable {
  private enum State {
    case waiting
    case running(isChanging: Bool)
    case settled
  }

  let deadline: SteadyInstant
  private let state = Mutex(State.waiting)
  private let work: @Sendable (Job, PooledClient) -> (@Sendable () -> Void)
  private let refuse: @Sendable (MongoError) -> Void

  /// - Parameter work: does it, and gives what hands over the result; that is called if nobody was faster.
  init(
    deadline: SteadyInstant, refuse: @escaping @Sendable (MongoError) -> Void,
    work: @escaping @Sendable (Job, PooledClient) -> (@Sendable () -> Void)
  ) {
    (self.deadline, self.refuse, self.work) = (deadline, refuse, work)
  }

  var isSettled: Bool {
    state.withLock { if case .settled = $0 { true } else { false } }
  }

  /// Carries it out, unless it was settled while it waited.
  func run(on client: PooledClient) {
    guard start() else { return }
    let handOver = work(self, client)
    if settle() { handOver() }
  }

  /// Tells the task that it was not carried out, unless somebody was faster.
  func refuse(with error: MongoError) { if settle() { refuse(error) } }

  /// Settles what waits; what has begun goes on, because half of it would be worse than all.
  func cancel() {
    let wasWaiting: Bool = state.withLock { state in
      guard case .waiting = state else { return false }
      state = .settled
      return true
    }
    if wasWaiting { refuse(MongoError(.cancelled, "the task was cancelled")) }
  }

  /// At the deadline.
  func giveUp() {
    let wasChanging: Bool? = state.withLock { state in
      defer { state = .settled }
      switch state {
      case .waiting: return false
      case .running(let isChanging): return isChanging
      case .settled: return nil
      }
    }
    if let wasChanging { refuse(wasChanging ? .tooLate : .timedOut) }
  }

  /// Asked before each command. Throws once the deadline has passed; nobody waits for the answer then.
  func begin(isChanging: Bool) throws(MongoError) {
    let hasTime = millisecondsLeft > 0
    let mayBegin: Bool = state.withLock { state in
      guard hasTime, case .running(let before) = state else { return false }
      state = .running(isChanging: before || isChanging)
      return true
    }
    if !mayBegin { throw .timedOut }
  }

  /// How long the server may take.
  var millisecondsLeft: Int64 { deadline.milliseconds(after: SteadyClock.now()) }

  private func start() -> Bool {
    state.withLock { state in
      guard case .waiting = state else { return false }
      state = .running(isChanging: false)
      return true
    }
  }

  private func settle() -> Bool {
    state.withLock { state in
      if case .settled = state { return false }
      state = .settled
      return true
    }
  }
}
