// Group commit: drafts that arrive together become durable together.

/// What must become true together with an entry.
public typealias StepsWithEntry =
  @Sendable (_ entry: Entry) throws(StoreError) -> [TransactionStep]

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
    /// Of a draft that goes alone.
    let steps: StepsWithEntry?
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

  /// - Parameter steps: carried out in the same transaction as the entry; such a draft goes alone.
  func append(_ draft: EntryDraft, together steps: StepsWithEntry? = nil)
    async throws(StoreError) -> AppendedEntry
  {
    try check(draft)
    guard isLed else {
      isLed = true
      return try await lead(draft, steps).get()
    }
    guard queue.count < settings.appendQueueLimit else {
      throw StoreError(
        .unavailable, "too many sends are waiting limit=`\(settings.appendQueueLimit)`",
        hint: "retry in a moment with the same clientId")
    }
    let turn = await withCheckedContinuation { continuation in
      queue.append(Waiting(draft: draft, steps: steps, continuation: continuation))
    }
    switch turn {
    case .done(let result): return try result.get()
    case .lead: return try await lead(draft, steps).get()
    }
  }

  /// Writes one batch, this draft first, and passes the lead on.
  private func lead(_ draft: EntryDraft, _ steps: StepsWithEntry?) async
    -> Result<AppendedEntry, StoreError>
  {
    // Those who were just answered are likely to send again at once: let them join.
    if isCrowded { await Task.yield() }
    let followers = steps == nil ? followers() : []
    queue.removeFirst(followers.count)
    isCrowded = !followers.isEmpty
    let results =
      if let steps { [await committer.commit(draft, together: steps)] } else {
        await committer.commit([draft] + followers.map(\.draft))
      }
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

  /// Who shares the batch: those in front of the next that goes alone.
  private func followers() -> [Waiting] {
    Array(queue.prefix(settings.appendBatchLimit - 1).prefix { $0.steps == nil })
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
