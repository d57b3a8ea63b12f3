// What the archivist does first: finds what an earlier process left in the buffer.

extension Archivist {
  /// What the buffer holds of one conversation.
  private struct Found {
    var range: ClosedRange<Int64>
    var bytes: Int
    var newest: Timestamp
  }

  /// Notes every buffered entry in the flush schedule, and trims what was archived but not yet trimmed.
  /// Costs one read of what is buffered. Doing it again does nothing.
  func recover() async throws(StoreError) {
    let found = try await buffered()
    let (now, uptime) = (surroundings.now(), surroundings.uptime())
    for (conversation, found) in found {
      let state = try await buffer.archiveState(conversation)
      if found.range.lowerBound <= state.archivedSeq {
        try await flusher.trimmer.trim(
          conversation, found.range.lowerBound...min(found.range.upperBound, state.archivedSeq))
      }
      // Quiet for as long as its newest entry is old, but a clock that jumped counts for no more than the greatest age.
      let quiet = min(max(now.since(found.newest), .zero), settings.maxAge)
      watch.recovered(conversation, bytes: found.bytes, at: uptime - quiet)
    }
  }

  private func buffered() async throws(StoreError) -> [ConversationID: Found] {
    var all: [ConversationID: Found] = [:]
    let query = Query(
      BufferedEntry.schema.name, where: BufferedEntry.isBuffered, sort: [BufferedEntry.bufferOrder],
      limit: 1000)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      for document in page {
        let item = try BufferedEntry(document: document)
        let bytes = item.line?.bytes.count ?? 0
        // A line that does not read is reported by the flush; here it only counts as old.
        let time = (try? item.entry())?.createdAt ?? Timestamp(milliseconds: 0)
        guard var found = all[item.conversationID] else {
          all[item.conversationID] = Found(range: item.seq...item.seq, bytes: bytes, newest: time)
          continue
        }
        found.range =
          min(found.range.lowerBound, item.seq)...max(found.range.upperBound, item.seq)
        found.bytes += bytes
        found.newest = max(found.newest, time)
        all[item.conversationID] = found
      }
    }
    return all
  }
}
