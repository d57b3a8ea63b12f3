// Group commit: drafts that arrive together become durable together.

/// Numbers drafts, writes them durably and answers each.
///
/// Whoever finds no batch under way leads one: it takes everything that waits, writes it in one insert,
/// answers, and hands the lead to the next in the queue. So a lone draft is written at once by its own
/// task, with no hop and no wait, and a crowd shares each fsync. Order of arrival is kept.
actor LogAppender {
  private let committer: BatchCommitter
  private let watch: BufferWatch
  private let settings: LogSettings

  private var queue: [Waiting] = []
  private var isLed = false
  /// The last batch had more than one draft.
  private var isCrowded = false

  /// A draft whose sender waits.
  private struct Waiting {
    let draft: EntryDraft
    let continuation: CheckedContinuation<Turn, Never>
  }

  /// What a waiting sender is woken for.
  private enum Turn: Sendable {
    case lead
    case done(Result<AppendedEntry, StoreError>)
  }

  init(
    committer: BatchCommitter, watch: BufferWatch, settings: LogSettings
  ) {
    (self.committer, self.watch, self.settings) = (committer, watch, settings)
  }

  func append(_ draft: EntryDraft) async throws(StoreError) -> AppendedEntry {
    try check(draft)
    guard isLed else {
      isLed = true
      return try await lead(draft).get()
    }
    guard queue.count < settings.appendQueueLimit else {
      throw StoreError(
        .unavailable, "too many sends are waiting limit=`\(settings.appendQueueLimit)`",
        hint: "retry in a moment with the same clientId")
    }
    let turn = await withCheckedContinuation { continuation in
      queue.append(Waiting(draft: draft, continuation: continuation))
    }
    switch turn {
    case .done(let result): return try result.get()
    case .lead: return try await lead(draft).get()
    }
  }

  /// Writes one batch, this draft first, and passes the lead on.
  private func lead(_ draft: EntryDraft) async -> Result<AppendedEntry, StoreError> {
    // Those who were just answered are likely to send again at once: let them join.
    if isCrowded { await Task.yield() }
    let followers = Array(queue.prefix(settings.appendBatchLimit - 1))
    queue.removeFirst(followers.count)
    isCrowded = !followers.isEmpty
    let results = await committer.commit([draft] + followers.map(\.draft))
    for (follower, result) in zip(followers, results.dropFirst()) {
      follower.continuation.resume(returning: .done(result))
    }
    if queue.isEmpty {
      isLed = false
    } else {
      queue.removeFirst().continuation.resume(returning: .lead)
    }
    return results[0]
  }

  private func check(_ draft: EntryDraft) throws(StoreError) {
    if watch.isFull {
      throw StoreError(
        .unavailable, "the buffer is full limitBytes=`\(settings.bufferLimitBytes)`",
        hint: "the object store has not taken anything for long")
    }
    guard (draft.clientID?.utf8.count ?? 1) <= 128, draft.clientID != "" else {
      throw StoreError(.invalid, "a clientId has 1 to 128 bytes")
    }
    guard (draft.text?.utf8.count ?? 0) <= settings.entryLimitBytes else {
      throw StoreError(.invalid, "an entry is too large limitBytes=`\(settings.entryLimitBytes)`")
    }
  }
}
