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
      let answers = try await documents.find([
        Self.query(conversation, lower...range.upperBound, order, limit: limit),
        Self.stateQuery(conversation),
      ])
      let after = try Self.state(conversation, answers[1])
      let entries = try Self.entries(answers[0], order)
      if after.archivedSeq == state.archivedSeq { return View(state: after, entries: entries) }
      state = after
    }
    throw StoreError(
      .unavailable, "a conversation is flushed too often to be read conversation=`\(conversation)`")
  }

  /// The newest buffered entry of each conversation, at most one, and the archive's end that goes with it, all in one
  /// call of the store. Of one that is flushed at this moment there is none: ask for it alone.
  func newest(of conversations: [ConversationID]) async throws(StoreError) -> [ConversationID: View]
  {
    let queries = conversations.flatMap { conversation in
      let state = Self.stateQuery(conversation)
      let whole = 1...SeqID.greatestSeq
      return [state, Self.query(conversation, whole, .newestFirst, limit: 1), state]
    }
    let answers = try await documents.find(queries)
    var views: [ConversationID: View] = [:]
    for (index, conversation) in conversations.enumerated() {
      let before = try Self.state(conversation, answers[3 * index])
      let after = try Self.state(conversation, answers[3 * index + 2])
      guard before.archivedSeq == after.archivedSeq else { continue }
      // What lies below the archive's end is the memory of an archived entry, or not trimmed yet.
      let entries = try Self.entries(answers[3 * index + 1], .newestFirst)
      views[conversation] = View(
        state: after, entries: entries.filter { $0.seq > after.archivedSeq })
    }
    return views
  }

  func archiveState(_ conversation: ConversationID) async throws(StoreError) -> ArchiveState {
    try Self.state(conversation, try await documents.find(Self.stateQuery(conversation)))
  }

  /// The entry of an earlier send, buffered or only remembered; `nil` where there was none.
  func entry(clientKey: String) async throws(StoreError) -> BufferedEntry? {
    let query = Query(
      BufferedEntry.schema.name, where: .equal("clientKey", .string(clientKey)), limit: 1)
    return try await documents.find(query).first.map { (document) throws(StoreError) in
      try BufferedEntry(document: document)
    }
  }

  /// The first 1,000 buffered edits and deletions whose target lies in the range.
  static func amendmentQuery(_ conversation: ConversationID, _ range: ClosedRange<Int64>) -> Query {
    let filter = Filter.and([
      .greaterOrEqual("amends", .string(SeqID.text(conversation, range.lowerBound))),
      .less("amends", .string(SeqID.text(conversation, range.upperBound + 1))),
    ])
    return Query(
      BufferedEntry.schema.name, where: filter, sort: [.ascending("amends")], limit: 1000)
  }

  private static func stateQuery(_ conversation: ConversationID) -> Query {
    Query(ArchiveState.schema.name, where: .id(conversation.description), limit: 1)
  }

  private static func state(_ conversation: ConversationID, _ found: [Document])
    throws(StoreError) -> ArchiveState
  {
    guard let document = found.first else { return ArchiveState(id: conversation) }
    return try ArchiveState(document: document)
  }

  private static func query(
    _ conversation: ConversationID, _ range: ClosedRange<Int64>, _ order: Order, limit: Int
  ) -> Query {
    Query(
      BufferedEntry.schema.name, where: SeqID.filter(conversation, range),
      sort: [order == .oldestFirst ? .ascending("id") : .descending("id")], limit: limit)
  }

  private static func entries(_ found: [Document], _ order: Order) throws(StoreError)
    -> [BufferedEntry]
  {
    var entries: [BufferedEntry] = []
    entries.reserveCapacity(found.count)
    for document in found { entries.append(try BufferedEntry(document: document)) }
    return order == .oldestFirst ? entries : entries.reversed()
  }
}
