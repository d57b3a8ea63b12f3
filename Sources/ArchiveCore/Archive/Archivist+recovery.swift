// Finding out what is buffered: at the start, where changes were missed, and now and then what was left behind.

extension Archivist {
  /// Notes every buffered entry in the flush schedule, forgets what is not buffered any more, and trims what was
  /// archived but not yet trimmed. Costs one read of what is buffered. Doing it again does nothing.
  func recover() async throws(StoreError) {
    let tick = watch.tick
    var found: [ConversationID: ClosedRange<Int64>] = [:]
    try await documents.forEachPage(of: Self.bufferedQuery(limit: 1000)) {
      (page) async throws(StoreError) in
      for document in page { try note(BufferedEntry(document: document), in: &found) }
    }
    for (conversation, range) in found { try await trimArchived(conversation, range) }
    watch.forgetAll(but: Set(found.keys), unlessSince: tick)
  }

  /// Reads the buffer again where somebody missed changes.
  func recoverIfAsked() async throws(StoreError) {
    guard let request = watch.openRequest else { return }
    try await recover()
    watch.answered(request)
  }

  /// Looks at the entries that are buffered for the longest time: what a process left that died, or came to know of
  /// in no other way. One read, of nothing in the usual case.
  func collectStragglers() async throws(StoreError) {
    let age = settings.maxAge + settings.maxAge
    let old = Filter.less(
      "bufferedSince", .string(surroundings.now().advanced(by: .zero - age).description))
    var query = Self.bufferedQuery(limit: 1000)
    query.filter = .and([query.filter, old])
    var found: [ConversationID: ClosedRange<Int64>] = [:]
    for document in try await documents.find(query) {
      try note(BufferedEntry(document: document), in: &found)
    }
    for (conversation, range) in found { try await trimArchived(conversation, range) }
  }

  private static func bufferedQuery(limit: Int) -> Query {
    Query(
      BufferedEntry.schema.name, where: BufferedEntry.isBuffered, sort: [BufferedEntry.bufferOrder],
      limit: limit)
  }

  private func note(_ item: BufferedEntry, in found: inout [ConversationID: ClosedRange<Int64>])
    throws(StoreError)
  {
    // A line that does not read is reported by the flush; here it only counts as old.
    let time = (try? item.entry())?.createdAt ?? Timestamp(milliseconds: 0)
    // As old as its own clock says, but one that jumped counts for no more than the greatest age.
    let age = min(max(surroundings.now().since(time), .zero), settings.maxAge)
    watch.noted(
      item.conversationID, item.seq, bytes: item.line?.bytes.count ?? 0,
      at: surroundings.uptime() - age)
    let known = found[item.conversationID] ?? item.seq...item.seq
    found[item.conversationID] =
      min(known.lowerBound, item.seq)...max(known.upperBound, item.seq)
  }

  private func trimArchived(_ conversation: ConversationID, _ range: ClosedRange<Int64>)
    async throws(StoreError)
  {
    let state = try await buffer.archiveState(conversation)
    guard range.lowerBound <= state.archivedSeq else { return }
    try await flusher.trimmer.trim(
      conversation, range.lowerBound...min(range.upperBound, state.archivedSeq))
    watch.archived(conversation, upTo: state.archivedSeq, restSince: surroundings.uptime())
  }
}
