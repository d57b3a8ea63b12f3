// Pages of messages: entries with their edits and deletions applied.

/// Reads messages and system entries; edits and deletions are seen in their targets only.
struct MessageReader: Sendable {
  let reader: LogReader

  /// A page reads at most that many times its limit in entries, so that a conversation of
  /// nothing but edits costs a bounded amount; the page is then shorter and `next` goes on.
  private static let roundLimit = 8

  func message(_ seq: Int64, in conversation: ConversationID) async throws(StoreError) -> Message? {
    guard let entry = try await reader.entry(seq, in: conversation), !entry.kind.isAmendment else {
      return nil
    }
    return try await Amendments(conversation, seq...seq, buffer: reader.buffer).message(entry)
  }

  func page(_ conversation: ConversationID, at place: LogPlace, limit: Int)
    async throws(StoreError) -> MessagePage
  {
    switch place {
    case .end: try await backward(conversation, before: .max, limit: limit)
    case .before(let seq): try await backward(conversation, before: seq, limit: limit)
    case .after(let seq): try await forward(conversation, after: seq, limit: limit)
    }
  }

  private func forward(_ conversation: ConversationID, after start: Int64, limit: Int)
    async throws(StoreError) -> MessagePage
  {
    var shown: [Entry] = []
    var place = max(0, start)
    var reachesEnd = false
    for _ in 0..<Self.roundLimit where shown.count < limit && !reachesEnd {
      let run = try await reader.entries(conversation, after: place, limit: limit - shown.count)
      shown += run.entries.filter { !$0.kind.isAmendment }
      place = run.entries.last?.seq ?? place
      reachesEnd = run.reachesEnd
    }
    return MessagePage(
      messages: try await amended(conversation, shown), next: reachesEnd ? nil : .after(place))
  }

  private func backward(_ conversation: ConversationID, before start: Int64, limit: Int)
    async throws(StoreError) -> MessagePage
  {
    var shown: [Entry] = []
    var place = start
    var reachesEnd = false
    for _ in 0..<Self.roundLimit where shown.count < limit && !reachesEnd {
      let run = try await reader.entries(conversation, before: place, limit: limit - shown.count)
      shown = run.entries.filter { !$0.kind.isAmendment } + shown
      place = run.entries.first?.seq ?? place
      reachesEnd = run.reachesEnd
    }
    return MessagePage(
      messages: try await amended(conversation, shown), next: reachesEnd ? nil : .before(place))
  }

  private func amended(_ conversation: ConversationID, _ entries: [Entry])
    async throws(StoreError) -> [Message]
  {
    guard let first = entries.first, let last = entries.last else { return [] }
    let amendments = try await Amendments(
      conversation, first.seq...last.seq, buffer: reader.buffer)
    return entries.map(amendments.message)
  }
}
