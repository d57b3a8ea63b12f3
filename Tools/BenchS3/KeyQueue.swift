// The keys that are still to be moved.

import Synchronization

/// A list from which several workers take the next.
final class KeyQueue: Sendable {
  private let keys: [Substring]
  private let taken = Mutex(0)

  init(_ keys: [Substring]) { self.keys = keys }

  func next() -> String? {
    let index = taken.withLock { count in
      defer { count += 1 }
      return count
    }
    return index < keys.count ? String(keys[index]) : nil
  }
}
