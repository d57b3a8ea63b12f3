// How many signals came.

import Synchronization

/// A count that signal handlers share.
final class SignalCount: Sendable {
  private let count = Atomic(0)

  /// The count with this one.
  func add() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
