// Which conversations are due for a flush: a pure machine, moved by the times it is given.

/// What is buffered in each conversation and when it must be flushed. No clock, no I/O.
///
/// A conversation is due when it has been idle for `idle`, when its oldest buffered entry is `maxAge` old,
/// or when it has `maxBytes` buffered. All times are uptimes, so a wall clock that jumps changes nothing.
struct FlushSchedule: Sendable {
  struct Pending: Sendable {
    var oldest: Duration
    var newest: Duration
    var bytes: Int
  }

  private(set) var pending: [ConversationID: Pending] = [:]
  private(set) var bytes = 0
  private let settings: LogSettings

  init(settings: LogSettings) { self.settings = settings }

  /// Notes entries that became durable. True where the conversation is due at once, for its size.
  mutating func noted(_ conversation: ConversationID, bytes added: Int, at time: Duration) -> Bool {
    var entry = pending[conversation] ?? Pending(oldest: time, newest: time, bytes: 0)
    entry.newest = max(entry.newest, time)
    entry.bytes += added
    bytes += added
    pending[conversation] = entry
    return entry.bytes >= settings.maxBytes
  }

  /// Forgets the conversation, because its buffered entries are about to be archived.
  /// What is noted from here on counts for the next flush.
  mutating func take(_ conversation: ConversationID) -> Pending? {
    guard let entry = pending.removeValue(forKey: conversation) else { return nil }
    bytes -= entry.bytes
    return entry
  }

  /// Notes again what was taken, because archiving it failed.
  mutating func giveBack(_ conversation: ConversationID, _ taken: Pending) {
    var entry = pending[conversation] ?? taken
    entry.oldest = min(entry.oldest, taken.oldest)
    entry.bytes += pending[conversation] == nil ? 0 : taken.bytes
    bytes += taken.bytes
    pending[conversation] = entry
  }

  /// The conversations that are due, those that waited longest first.
  func due(at time: Duration) -> [ConversationID] {
    pending
      .filter { isDue($0.value, at: time) }
      .sorted { ($0.value.oldest, $0.key) < ($1.value.oldest, $1.key) }
      .map(\.key)
  }

  private func isDue(_ entry: Pending, at time: Duration) -> Bool {
    entry.bytes >= settings.maxBytes || time - entry.newest >= settings.idle
      || time - entry.oldest >= settings.maxAge
  }
}
