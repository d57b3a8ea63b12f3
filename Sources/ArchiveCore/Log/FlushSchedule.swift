// Which conversations are due for a flush: a pure machine, moved by the times it is given.

/// What is buffered in each conversation and when it must be flushed. No clock, no I/O.
///
/// A conversation is due when it has been idle for `idle`, when its oldest buffered entry is `maxAge` old,
/// or when it has `maxBytes` buffered. All times are uptimes, so a wall clock that jumps changes nothing.
///
/// The same entry may be noted by who appended it, by the changes of a shared store, and by a reading of the
/// buffer; it counts once. Whoever archives, here or elsewhere, says up to where.
struct FlushSchedule: Sendable {
  struct Pending: Sendable {
    var oldest: Duration
    var newest: Duration
    var bytes = 0
    /// The entries that `bytes` counts.
    var seqs = SeqRuns()
    /// When it was last noted, in ticks.
    var tick: UInt64
  }

  private(set) var pending: [ConversationID: Pending] = [:]
  private(set) var bytes = 0
  /// Grows with everything that is noted, so that one can ask whether something was since.
  private(set) var tick: UInt64 = 0
  /// Entries up to here are archived; who hears of one late does not count it.
  private var archivedSeqs: RecentlyUsed<ConversationID, Int64>
  private let settings: LogSettings

  init(settings: LogSettings) {
    self.settings = settings
    archivedSeqs = RecentlyUsed(limit: settings.headLimit)
  }

  /// Notes an entry that is durable, unless it is known. True where it made the conversation due for its size.
  mutating func noted(
    _ conversation: ConversationID, _ seq: Int64, bytes added: Int, at time: Duration
  )
    -> Bool
  {
    if let archived = archivedSeqs.value(conversation), seq <= archived { return false }
    var entry = pending[conversation] ?? Pending(oldest: time, newest: time, tick: 0)
    guard entry.seqs.insert(seq) else { return false }
    let wasDue = entry.bytes >= settings.maxBytes
    entry.bytes += added
    bytes += added
    note(conversation, entry, at: time)
    return !wasDue && entry.bytes >= settings.maxBytes
  }

  /// Notes that something may be buffered of which nothing is known.
  mutating func suspected(_ conversation: ConversationID, at time: Duration) {
    note(
      conversation, pending[conversation] ?? Pending(oldest: time, newest: time, tick: 0), at: time)
  }

  private mutating func note(
    _ conversation: ConversationID, _ noted: Pending, at time: Duration
  ) {
    var entry = noted
    tick += 1
    entry.tick = tick
    entry.oldest = min(entry.oldest, time)
    entry.newest = max(entry.newest, time)
    pending[conversation] = entry
  }

  /// Notes that the entries up to a seq are archived. What is left is counted by its share of the entries,
  /// and is at most as old as `time`: it was noted while the others were being archived.
  mutating func archived(_ conversation: ConversationID, upTo seq: Int64, restSince time: Duration)
  {
    archivedSeqs.insert(max(seq, archivedSeqs.value(conversation) ?? 0), for: conversation)
    guard var entry = pending[conversation] else { return }
    let count = entry.seqs.count
    entry.seqs.remove(upTo: seq)
    guard !entry.seqs.isEmpty else { return remove(conversation) }
    let rest = Int(Double(entry.bytes) * (Double(entry.seqs.count) / Double(count)))
    if entry.seqs.count < count { entry.oldest = min(max(entry.oldest, time), entry.newest) }
    bytes -= entry.bytes - rest
    entry.bytes = rest
    pending[conversation] = entry
  }

  /// Forgets a conversation of which nothing was found in the buffer, unless something was noted since that tick.
  mutating func forget(_ conversation: ConversationID, unlessSince tick: UInt64) {
    if let entry = pending[conversation], entry.tick <= tick { remove(conversation) }
  }

  private mutating func remove(_ conversation: ConversationID) {
    bytes -= pending.removeValue(forKey: conversation)?.bytes ?? 0
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
