// What somebody missed in a conversation, as it was when the reading ended.

import ArchiveCore

/// A part of a conversation behind a seq, for a client that has everything up to it.
struct MissedEntries: Sendable {
  /// Messages and system entries, in rising seq, with the edits and deletions up to `lastSeq` applied.
  var messages: [Message] = []
  /// Messages that the client has and that were edited or deleted since, as they are now.
  var amended: [Message] = []
  /// How far this goes; the client has everything up to it.
  var lastSeq: Int64
  /// There is more behind it.
  var hasMore = false
}

/// Reads what was missed, from buffer or archive, a bounded part at a time.
struct MissedReader: Sendable {
  let log: ConversationLog
  let settings: ServiceSettings.Realtime

  private static let pageLimit = 64
  /// Messages of before that one part brings up to date; each is read by itself.
  private static let amendedLimit = 50

  /// What is behind `after`. Nothing up to `hidden` is shown.
  ///
  /// Without `hasMore` everything is in it that was durable when this was called.
  func callAsFunction(_ id: ConversationID, after: Int64, hidden: Int64) async throws(StoreError)
    -> MissedEntries
  {
    let start = max(after, hidden, 0)
    let (entries, hasMore) = try await entries(id, after: start, hidden)
    var last = entries.last?.seq ?? start
    // Who has more than there is, after a restoration perhaps, is told how much there is.
    if entries.isEmpty { last = min(start, try await log.head(of: id, reaching: start).seq) }
    var missed = MissedEntries(lastSeq: last, hasMore: hasMore)
    let (edits, deletions) = Self.amendments(entries)
    for entry in entries where !entry.kind.isAmendment {
      missed.messages.append(Message(entry, edit: edits[entry.seq], deletion: deletions[entry.seq]))
    }
    let older = Set(edits.keys).union(deletions.keys).filter { $0 <= start && $0 > hidden }
    for seq in older.sorted() {
      if let message = try await log.message(seq, in: id) { missed.amended.append(message) }
    }
    return missed
  }

  private func entries(_ id: ConversationID, after start: Int64, _ hidden: Int64)
    async throws(StoreError) -> ([Entry], hasMore: Bool)
  {
    var all: [Entry] = []
    var (bytes, older) = (0, Set<Int64>())
    while true {
      let limit = Self.pageLimit
      let page = try await log.entries(in: id, after: all.last?.seq ?? start, limit: limit)
      for entry in page {
        if let target = entry.target, target <= start, target > hidden { older.insert(target) }
        bytes += 300 + (entry.text?.utf8.count ?? 0)
        let isFull =
          all.count >= settings.catchUpLimit || bytes > settings.catchUpBytes
          || older.count > Self.amendedLimit
        if isFull && !all.isEmpty { return (all, true) }
        all.append(entry)
      }
      if page.count < limit { return (all, false) }
    }
  }

  private static func amendments(_ entries: [Entry]) -> (
    edits: [Int64: Entry], deletions: [Int64: Entry]
  ) {
    var (edits, deletions): ([Int64: Entry], [Int64: Entry]) = ([:], [:])
    for entry in entries {
      guard let target = entry.target else { continue }
      if entry.kind == .edit { edits[target] = entry }
      if entry.kind == .deletion { deletions[target] = entry }
    }
    return (edits, deletions)
  }
}
