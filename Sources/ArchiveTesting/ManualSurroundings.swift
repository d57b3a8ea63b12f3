// Surroundings whose clock stands still until a test moves it.

public import ArchiveCore
import Foundation
import Synchronization

/// A clock that a test moves, sleeps that wait for it, and randomness from a seed.
///
/// Every field is guarded by the one mutex; continuations are resumed after it is released.
public final class ManualSurroundings: Sendable {
  private struct Sleeper {
    let id: UInt64
    let deadline: Duration
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var wallClock: Timestamp
    var uptime = Duration.zero
    var random: SeededGenerator
    var lastID: UInt64 = 0
    var sleepers: [Sleeper] = []
    var cancelled: Set<UInt64> = []
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state: Mutex<State>

  /// Starts at 2026-01-01T00:00:00Z unless told otherwise.
  public init(now: Timestamp = Timestamp(milliseconds: 1_767_225_600_000), seed: UInt64 = 1) {
    state = Mutex(State(wallClock: now, random: SeededGenerator(seed: seed)))
  }

  /// What the code under test is given.
  public var surroundings: Surroundings {
    Surroundings(
      now: { self.state.withLock { $0.wallClock } },
      uptime: { self.state.withLock { $0.uptime } },
      sleep: { try await self.sleep($0) },
      random: { self.state.withLock { $0.random.next() } })
  }

  public var now: Timestamp { state.withLock { $0.wallClock } }
  public var uptime: Duration { state.withLock { $0.uptime } }

  /// How many tasks sleep now.
  public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Makes the wall clock jump; sleeps and `uptime` do not notice.
  public func setWallClock(_ time: Timestamp) { state.withLock { $0.wallClock = time } }

  /// Returns as soon as at least so many tasks sleep.
  public func waitForSleepers(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Moves both clocks. Sleepers wake in the order of their deadlines, each at its own moment,
  /// and get to run (and to sleep again) before the clock moves on.
  public func advance(by duration: Duration) async {
    await letOthersRun()
    let target = state.withLock { $0.uptime + duration }
    while true {
      let due: [Sleeper]? = state.withLock { state in
        guard let next = state.sleepers.map(\.deadline).min(), next <= target else { return nil }
        Self.move(&state, to: max(next, state.uptime))
        let due = state.sleepers.filter { $0.deadline <= next }
        state.sleepers.removeAll { $0.deadline <= next }
        return due
      }
      guard let due else { break }
      let before = sleeperCount + due.count
      for sleeper in due { sleeper.continuation.resume() }
      await letOthersRun(until: before)
    }
    state.withLock { Self.move(&$0, to: max(target, $0.uptime)) }
    await letOthersRun()
  }

  private static func move(_ state: inout State, to uptime: Duration) {
    state.wallClock = state.wallClock.advanced(by: uptime - state.uptime)
    state.uptime = uptime
  }

  /// Swift has no «run until idle»: yielding often lets woken tasks reach their next wait.
  private func letOthersRun() async {
    for _ in 0..<200 { await Task.yield() }
  }

  /// Lets woken tasks run until as many sleep as did before. A task that has ended, or that waits for
  /// something else, does not come back; so this waits for them a while, in real time, and no longer.
  private func letOthersRun(until count: Int) async {
    await letOthersRun()
    for _ in 0..<1000 where sleeperCount < count {
      usleep(200)
      await Task.yield()
    }
  }

  private func sleep(_ duration: Duration) async throws {
    try Task.checkCancellation()
    guard duration > .zero else { return await Task.yield() }
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { add($0, id: id, duration) }
    } onCancel: {
      cancel(id)
    }
  }

  private func add(
    _ continuation: CheckedContinuation<Void, any Error>, id: UInt64, _ span: Duration
  ) {
    let (isCancelled, ready) = state.withLock { state in
      if state.cancelled.remove(id) != nil {
        return (true, [CheckedContinuation<Void, Never>]())
      }
      state.sleepers.append(
        Sleeper(id: id, deadline: state.uptime + span, continuation: continuation))
      let count = state.sleepers.count
      let ready = state.watchers.filter { $0.count <= count }.map(\.continuation)
      state.watchers.removeAll { $0.count <= count }
      return (false, ready)
    }
    if isCancelled { continuation.resume(throwing: CancellationError()) }
    for watcher in ready { watcher.resume() }
  }

  private func cancel(_ id: UInt64) {
    let sleeper: Sleeper? = state.withLock { state in
      guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
        // The handler may run before the sleeper is entered; `add` looks here.
        state.cancelled.insert(id)
        return nil
      }
      return state.sleepers.remove(at: index)
    }
    sleeper?.continuation.resume(throwing: CancellationError())
  }
}
