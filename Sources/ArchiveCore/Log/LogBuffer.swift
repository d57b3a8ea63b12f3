// The buffer as readers see it: one consistent view while flushes commit.

/// Reads buffered entries together with the place where the archive ends.
struct LogBuffer: Sendable {
  let documents: any DocumentStore

  /// Buffered entries of one conversation and the archive's end that goes with them.
  struct View: Sendable {
    /// Everything up to here is archived.
    let state: ArchiveState
    /// The entries asked for that lie above it, in rising seq, without gaps.
    let entries: [BufferedEntry]
  }

  enum Order: Sendable { case oldestFirst, newestFirst }

  /// Up to `limit` buffered entries with a seq in the range, from its lower or upper end.
  ///
  /// A flush first moves the archive's end and then trims the buffer. So when the end is the same before and
  /// after reading, nothing above it can have been trimmed in between.
  func view(
    _ conversation: ConversationID, _ range: ClosedRange<Int64>, _ order: Order, limit: Int
  ) async throws(StoreError) -> View {
    var state = try await archiveState(conversation)
    // A conversation is flushed once in a while, not in every instant: a few attempts are plenty.
    for _ in 0..<16 {
      let lower = max(range.lowerBound, state.archivedSeq + 1)
      if lower > range.upperBound { return View(state: state, entries: []) }
      let entries = try await entries(
        conversation, lower...range.upperBound, order, limit: limit)
      let after = try await archiveState(conversation)
      if after.archivedSeq == state.archivedSeq { return View(state: after, entries: entries) }
      state = after
    }
    throw StoreError(
      .unavailable, "a conversation is flushed too often to be read conversation=`\(conversation)`")
  }

  func archiveState(_ conversation: ConversationID) async throws(StoreError) -> ArchiveState {
    try await Collection(ArchiveState.self, in: documents).find(id: conversation.description)
      ?? ArchiveState(id: conversation)
  }

  /// The entry of an earlier send, buffered or only remembered; `nil` where there was none.
  func entry(clientKey: String) async throws(StoreError) -> BufferedEntry? {
    let query = Query(
      BufferedEntry.schema.name, where: .equal("clientKey", .string(clientKey)), limit: 1)
    return try await documents.find(query).first.map { (document) throws(StoreError) in
      try BufferedEntry(document: document)
    }
  }

  /// The lines of buffered edits and deletions whose target lies in the range.
  func amendments(_ conversation: ConversationID, _ range: ClosedRange<Int64>)
    async throws(StoreError) -> [Entry]
  {
    let filter = Filter.and([
      .greaterOrEqual("amends", .string(SeqID.text(conversation, range.lowerBound))),
      .less("amends", .string(SeqID.text(conversation, range.upperBound + 1))),
    ])
    var entries: [Entry] = []
    var query = Query(
      BufferedEntry.schema.name, where: filter, sort: [.ascending("amends")], limit: 1000)
    while true {
      let documents = try await documents.find(query)
      for document in documents { entries.append(try BufferedEntry(document: document).entry()) }
      guard documents.count == query.limit, let last = documents.last else { return entries }
      query.after = query.cursor(behind: last)
    }
  }

  private func entries(
    _ conversation: ConversationID, _ range: ClosedRange<Int64>, _ order: Order, limit: Int
  ) async throws(StoreError) -> [BufferedEntry] {
    let sort: SortKey = order == .oldestFirst ? .ascending("id") : .descending("id")
    let query = Query(
      BufferedEntry.schema.name, where: SeqID.filter(conversation, range), sort: [sort],
      limit: limit)
    var entries: [BufferedEntry] = []
    for document in try await documents.find(query) {
      entries.append(try BufferedEntry(document: document))
    }
    return order == .oldestFirst ? entries : entries.reversed()
  }
}
