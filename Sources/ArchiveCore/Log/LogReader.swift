// Reads a conversation in both directions, across buffer, packs and segments.

/// Entries and messages by place, wherever they lie.
struct LogReader: Sendable {
  let buffer: LogBuffer
  let archive: ArchiveReader

  /// A run of entries and whether it reaches the conversation's end in the direction of reading.
  struct Run: Sendable {
    let entries: [Entry]
    let reachesEnd: Bool
  }

  /// The newest entry's place.
  func head(_ conversation: ConversationID) async throws(StoreError) -> LogHead {
    let view = try await buffer.view(
      conversation, 1...SeqID.greatestSeq, .newestFirst, limit: 1)
    return try Self.head(view)
  }

  /// The entry that a sender's first draft with that `clientID` became, as long as it is remembered; from the archive
  /// where it is flushed already.
  func entry(of sender: UserID?, clientID: String, in conversation: ConversationID)
    async throws(StoreError) -> Entry?
  {
    let key = BufferedEntry.clientKey(conversation, sender, clientID)
    guard let remembered = try await buffer.entry(clientKey: key) else { return nil }
    if remembered.line != nil { return try remembered.entry() }
    return try await entry(remembered.seq, in: conversation)
  }

  /// The newest places of several conversations, in one call of the store for nearly all of them. What is wrong with
  /// one conversation keeps nobody from the others.
  func heads(_ conversations: [ConversationID]) async
    -> [ConversationID: Result<LogHead, StoreError>]
  {
    var views: [ConversationID: LogBuffer.View] = [:]
    do throws(StoreError) {
      views = try await buffer.newest(of: conversations)
    } catch {
      guard error.kind == .corrupt else {
        return Dictionary(uniqueKeysWithValues: conversations.map { ($0, .failure(error)) })
      }
    }
    var heads: [ConversationID: Result<LogHead, StoreError>] = [:]
    for conversation in conversations {
      do throws(StoreError) {
        let newest =
          if let view = views[conversation] { try Self.head(view) } else {
            try await head(conversation)
          }
        heads[conversation] = .success(newest)
      } catch {
        heads[conversation] = .failure(error)
      }
    }
    return heads
  }

  private static func head(_ view: LogBuffer.View) throws(StoreError) -> LogHead {
    guard let newest = try view.entries.last?.entry() else {
      return LogHead(seq: view.state.archivedSeq, ordinal: view.state.archivedOrdinal)
    }
    return LogHead(seq: newest.seq, ordinal: newest.ordinal)
  }

  /// Up to `limit` entries that begin behind `seq`, in rising seq.
  func entries(_ conversation: ConversationID, after seq: Int64, limit: Int)
    async throws(StoreError) -> Run
  {
    guard seq < SeqID.greatestSeq else { return Run(entries: [], reachesEnd: true) }
    let first = max(0, seq) + 1
    // One more than asked for tells whether the page reaches the end.
    let view = try await buffer.view(
      conversation, first...SeqID.greatestSeq, .oldestFirst, limit: limit + 1)
    let buffered = try Self.contiguous(view.entries)
    guard first <= view.state.archivedSeq else {
      return Run(entries: Array(buffered.prefix(limit)), reachesEnd: buffered.count <= limit)
    }
    let last = min(view.state.archivedSeq, first + Int64(limit) - 1)
    let archived = try await archive.entries(conversation, first...last)
    return Run(
      entries: archived + buffered.prefix(limit - archived.count),
      reachesEnd: last == view.state.archivedSeq && archived.count + buffered.count <= limit)
  }

  /// Up to `limit` entries that end before `seq`, in rising seq.
  func entries(_ conversation: ConversationID, before seq: Int64, limit: Int)
    async throws(StoreError) -> Run
  {
    guard seq > 1 else { return Run(entries: [], reachesEnd: true) }
    let top = min(seq - 1, SeqID.greatestSeq)
    let view = try await buffer.view(conversation, 1...top, .newestFirst, limit: limit)
    let buffered = try Self.contiguous(view.entries)
    let archivedTop = min(view.state.archivedSeq, top)
    let wanted = Int64(limit - buffered.count)
    guard wanted > 0, archivedTop >= 1 else {
      return Run(entries: buffered, reachesEnd: (buffered.first?.seq ?? 1) <= 1)
    }
    let first = max(1, archivedTop - wanted + 1)
    let archived = try await archive.entries(conversation, first...archivedTop)
    return Run(entries: archived + buffered, reachesEnd: first == 1)
  }

  /// One entry, or `nil`.
  func entry(_ seq: Int64, in conversation: ConversationID) async throws(StoreError) -> Entry? {
    guard (1...SeqID.greatestSeq).contains(seq) else { return nil }
    return try await entries(conversation, after: seq - 1, limit: 1).entries.first
  }

  private static func contiguous(_ buffered: [BufferedEntry]) throws(StoreError) -> [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(buffered.count)
    for item in buffered {
      let entry = try item.entry()
      if let last = entries.last, entry.seq != last.seq + 1 {
        throw StoreError(
          .corrupt,
          "a buffered entry is missing conversation=`\(entry.conversationID)` seq=`\(last.seq + 1)`",
          hint: "run verify")
      }
      entries.append(entry)
    }
    return entries
  }
}
