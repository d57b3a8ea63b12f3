// What the repetitions of a whole client may cost.

import Synchronization

/// A bucket of tokens: a repetition takes some, an answer gives them back.
///
/// While a server works, the bucket is full and changes nothing. While it is down, the bucket runs dry and each
/// request is sent once, so that many callers with five attempts each are not five times the load.
final class RetryBudget: Sendable {
  static let repetitionCost = 5
  /// A broken connection costs more: it has held resources of the server up to a deadline.
  static let brokenCost = 10

  private let capacity: Int
  private let tokens: Mutex<Int>

  init(capacity: Int) {
    self.capacity = capacity
    tokens = Mutex(capacity)
  }

  /// Takes the tokens, or none and says `false`.
  func take(_ cost: Int) -> Bool {
    tokens.withLock { tokens in
      guard tokens >= cost else { return false }
      tokens -= cost
      return true
    }
  }

  /// A success gives back what its last repetition took, or one token where there was none.
  func giveBack(_ cost: Int) {
    tokens.withLock { $0 = min(capacity, $0 + max(cost, 1)) }
  }
}
