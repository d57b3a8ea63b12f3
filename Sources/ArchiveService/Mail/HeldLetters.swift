// Which letters another node has had in hand for too long.

import Synchronization

/// Remembers since when, on this node's steady clock, a letter was seen in the same hand. Safe from any task.
final class HeldLetters: Sendable {
  private struct Seen {
    let holder: String
    let since: Duration
  }

  private let lifetime: Duration
  private let seen = Mutex<[String: Seen]>([:])

  init(lifetime: Duration) { self.lifetime = lifetime }

  /// Those of the letters in hand that did not change hands for a lifetime. What is no longer in hand is forgotten.
  func abandoned(among letters: [QueuedLetter], at now: Duration) -> [QueuedLetter] {
    seen.withLock { seen in
      let known = seen
      seen = [:]
      return letters.filter { letter in
        let before = known[letter.id].flatMap { $0.holder == letter.holder ? $0 : nil }
        let sight = before ?? Seen(holder: letter.holder, since: now)
        seen[letter.id] = sight
        return now - sight.since >= lifetime
      }
    }
  }
}
