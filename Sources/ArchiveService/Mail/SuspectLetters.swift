// Which letters the mail server goes away at, though it takes others.

import Synchronization

/// Tells a server that is away from a letter that it cannot stand. Safe from any task.
///
/// The first time the server is believed to be away. When it goes away with the same letter again, and took others in
/// between, it is the letter; and then it stays the letter, or one that waits alone would slow down all that come.
final class SuspectLetters: Sendable {
  private enum Suspicion {
    /// How many letters this node had sent when the server went away with this one.
    case after(sent: Int)
    case certain
  }

  /// Beyond that many everything is forgotten: it costs each letter one pause more.
  private static let limit = 1_000

  private let suspicions = Mutex<[String: Suspicion]>([:])

  /// Notes that the server went away with the letter in hand; whether that is the letter's own trouble.
  func isToBlame(_ letter: String, sent: Int) -> Bool {
    suspicions.withLock { suspicions in
      if suspicions.count >= Self.limit && suspicions[letter] == nil { suspicions.removeAll() }
      switch suspicions[letter] {
      case .certain: return true
      case .after(let before) where before < sent:
        suspicions[letter] = .certain
        return true
      case .after, nil:
        suspicions[letter] = .after(sent: sent)
        return false
      }
    }
  }

  func forget(_ letter: String) { suspicions.withLock { $0[letter] = nil } }
}
