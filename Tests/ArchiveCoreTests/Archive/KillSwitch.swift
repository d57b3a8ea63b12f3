// Stands for a process that dies: whoever reaches the point never comes back.

import ArchiveCore
import Synchronization

/// Holds everything that reaches any point once the chosen point was reached the chosen number of times.
final class KillSwitch: Sendable {
  private struct State {
    var count = 0
    var isHit = false
    var isLetGo = false
    var held: [CheckedContinuation<Void, Never>] = []
  }

  private let point: FaultPoint
  private let occurrence: Int
  private let state = Mutex(State())

  init(_ point: FaultPoint, _ occurrence: Int) {
    (self.point, self.occurrence) = (point, occurrence)
  }

  var isHit: Bool { state.withLock(\.isHit) }

  func reached(_ reached: FaultPoint) async {
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        if reached == point { state.count += 1 }
        if reached == point && state.count >= occurrence { state.isHit = true }
        if !state.isHit || state.isLetGo { return true }
        state.held.append(continuation)
        return false
      }
      if goesOn { continuation.resume() }
    }
  }

  /// The stalled process wakes up after all.
  func letGo() {
    let held = state.withLock { state in
      state.isLetGo = true
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }
}
