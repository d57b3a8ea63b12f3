// Who types where: a pure machine that says what of it is news.

import ArchiveCore

/// Lets through what rooms need to hear of typing: each of a few people, twice in a lifetime.
///
/// Nothing is told when it ends: whoever hears of it hears for how long it holds.
struct TypingBoard: Sendable {
  private struct Place: Hashable {
    let conversation: ConversationID
    let user: UserID
  }

  /// When it was last let through.
  private var told: [Place: Duration] = [:]
  /// How many of each conversation are in it.
  private var counts: [ConversationID: Int] = [:]
  private let lifetime: Duration
  private let limit: Int

  /// Places that are remembered at once; beyond them nothing is let through.
  static let placeLimit = 20_000

  /// - Parameter limit: people of one conversation who are shown at once.
  init(lifetime: Duration, limit: Int) { (self.lifetime, self.limit) = (lifetime, limit) }

  /// Whether a room is to hear of it.
  mutating func isNews(_ user: UserID, in conversation: ConversationID, at uptime: Duration)
    -> Bool
  {
    let place = Place(conversation: conversation, user: user)
    if let last = told[place] {
      guard uptime - last >= lifetime / 2 else { return false }
      told[place] = uptime
      return true
    }
    guard counts[conversation] ?? 0 < limit, told.count < Self.placeLimit else { return false }
    told[place] = uptime
    counts[conversation, default: 0] += 1
    return true
  }

  /// Somebody has sent what they typed.
  mutating func ended(_ user: UserID, in conversation: ConversationID) {
    forget(Place(conversation: conversation, user: user))
  }

  /// Forgets what holds no more.
  mutating func settle(at uptime: Duration) {
    for (place, last) in told where uptime - last >= lifetime { forget(place) }
  }

  private mutating func forget(_ place: Place) {
    guard told.removeValue(forKey: place) != nil else { return }
    let rest = (counts[place.conversation] ?? 1) - 1
    counts[place.conversation] = rest > 0 ? rest : nil
  }
}
