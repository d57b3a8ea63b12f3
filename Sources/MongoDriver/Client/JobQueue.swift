// What waits for a thread, and what the threads are doing.

import Synchronization

/// First in, first out, bounded: adding never waits, a full queue refuses. Taking blocks the thread.
///
/// One signal counts the waiting jobs (plus one per thread once it is closed); the other wakes the watch
/// whenever the next deadline moves closer.
final class JobQueue: Sendable {
  private struct State {
    var waiting: [Job] = []
    /// The first so many of `waiting` were taken: a mark moves instead of the array.
    var taken = 0
    var running: [ObjectIdentifier: Job] = [:]
    var nextDeadline = SteadyInstant.never
    var isClosed = false
  }

  private let state = Mutex(State())
  private let work = SteadySignal()
  private let watch = SteadySignal()
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// How many jobs wait for a thread.
  var count: Int { state.withLock { $0.waiting.count - $0.taken } }

  /// `nil` when the job was taken in.
  func add(_ job: Job) -> MongoError? {
    let (refusal, isSooner): (MongoError?, Bool) = state.withLock { state in
      if state.isClosed { return (.closed, false) }
      // Cancelled between the call and now.
      if job.isSettled { return (nil, false) }
      guard state.waiting.count - state.taken < limit else { return (Self.full(limit), false) }
      state.waiting.append(job)
      work.signal()
      guard job.deadline < state.nextDeadline else { return (nil, false) }
      state.nextDeadline = job.deadline
      return (nil, true)
    }
    if isSooner { watch.signal() }
    return refusal
  }

  /// The oldest job; `nil` once the queue is closed and empty.
  func take() -> Job? {
    while true {
      work.wait()
      let (job, isOver): (Job?, Bool) = state.withLock { state in
        guard let job = Self.takeFirst(&state) else { return (nil, state.isClosed) }
        state.running[ObjectIdentifier(job)] = job
        return (job, false)
      }
      if job != nil || isOver { return job }
    }
  }

  func finished(_ job: Job) {
    let wasLast = state.withLock { state in
      state.running[ObjectIdentifier(job)] = nil
      return state.isClosed && state.running.isEmpty
    }
    if wasLast { watch.signal() }
  }

  /// Takes a job out that waits no longer.
  func remove(_ job: Job) {
    state.withLock { state in
      guard let index = state.waiting[state.taken...].firstIndex(where: { $0 === job }) else {
        return
      }
      state.waiting.remove(at: index)
    }
  }

  /// Takes no more; what waits is refused, what runs goes on to its end or deadline.
  func close(threadCount: Int) {
    let (refused, isFirst): ([Job], Bool) = state.withLock { state in
      if state.isClosed { return ([], false) }
      state.isClosed = true
      defer { (state.waiting, state.taken) = ([], 0) }
      return (Array(state.waiting[state.taken...]), true)
    }
    for job in refused { job.refuse(with: .closed) }
    guard isFirst else { return }
    for _ in 0..<threadCount { work.signal() }
    watch.signal()
  }

  /// Blocks until a deadline has passed, and gives up what it belongs to; false when the queue is closed and
  /// nothing is running.
  func watchDeadlines() -> Bool {
    let next = state.withLock { $0.nextDeadline }
    watch.wait(until: next)
    let now = SteadyClock.now()
    let (overdue, isOver): ([Job], Bool) = state.withLock { state in
      let waiting = state.waiting[state.taken...].filter { $0.deadline <= now }
      if !waiting.isEmpty {
        state.waiting = state.waiting[state.taken...].filter { $0.deadline > now }
        state.taken = 0
      }
      let running = state.running.values.filter { !$0.isSettled }
      state.nextDeadline =
        (state.waiting[state.taken...].map(\.deadline)
        + running.filter { $0.deadline > now }.map(\.deadline)).min() ?? .never
      let isOver = state.isClosed && state.running.isEmpty
      return (waiting + running.filter { $0.deadline <= now }, isOver)
    }
    for job in overdue { job.giveUp() }
    return !isOver
  }

  /// Drops the taken part now and then: constant time on average.
  private static func takeFirst(_ state: inout State) -> Job? {
    guard state.taken < state.waiting.count else { return nil }
    let job = state.waiting[state.taken]
    state.taken += 1
    if state.taken * 2 > state.waiting.count {
      state.waiting.removeFirst(state.taken)
      state.taken = 0
    }
    return job
  }

  private static func full(_ limit: Int) -> MongoError {
    MongoError(
      .busy, "too much waits for the database queued=`\(limit)`", hint: "try again in a moment")
  }
}
