// Takes archived entries out of the buffer, and leaves the memory of their clientIDs.

/// Deletes archived entries; those that had a `clientID` leave a stub until its memory expires.
///
/// On a shared store each leaves a stub. Another node may not have heard of an entry yet, and would number its own
/// with the same seq: the insert must collide as long as that can happen, also when the entry is archived by then.
struct BufferTrimmer: Sendable {
  let documents: any DocumentStore
  let surroundings: Surroundings
  let settings: LogSettings

  /// Entries in one write, so that appends get their turn in between.
  private static let chunk = 500

  /// Trims entries that are archived for certain: all of the conversation from the first of these to the last.
  func trim(_ entries: [BufferedEntry]) async throws(StoreError) {
    let now = surroundings.now()
    let expiry = now.advanced(by: settings.clientIDMemory)
    let guardEnd = documents.isShared ? now.advanced(by: settings.seqMemory) : nil
    var rest = entries[...]
    while let first = rest.first {
      let chunk = rest.prefix(Self.chunk)
      rest = rest.dropFirst(chunk.count)
      let last = chunk.last ?? first
      // The whole range goes, and the stubs come back: cheaper than to change each document.
      try await documents.transact(
        [
          .delete(
            BufferedEntry.schema.name,
            where: SeqID.filter(first.conversationID, first.seq...last.seq))
        ]
          + chunk.compactMap { $0.memory(until: expiry, guardingSeqUntil: guardEnd) }
          .map { .insert($0, into: BufferedEntry.schema.name) })
    }
  }

  /// Trims what an earlier process archived but did not trim any more.
  func trim(_ conversation: ConversationID, _ range: ClosedRange<Int64>) async throws(StoreError) {
    let query = Query(
      BufferedEntry.schema.name, where: SeqID.filter(conversation, range),
      sort: [.ascending("id")], limit: Self.chunk)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      var entries: [BufferedEntry] = []
      for document in page { entries.append(try BufferedEntry(document: document)) }
      try await trim(entries)
    }
  }
}
