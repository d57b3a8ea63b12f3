// Writes one batch of drafts: numbers them, inserts them in one round trip, and sorts out what did not go in.

/// Turns drafts into durable entries. Called by one leader at a time.
struct BatchCommitter: Sendable {
  let documents: any DocumentStore
  let reader: LogReader
  let watch: BufferWatch
  let settings: LogSettings
  let surroundings: Surroundings
  let heads: LogHeads
  let live: LiveFeed

  /// A numbered entry on its way into the store.
  private struct Planned {
    /// Its place in the batch.
    let index: Int
    let entry: Entry
    let line: EntryLine
  }

  private typealias Results = [Result<AppendedEntry, StoreError>?]

  /// How often a conversation may lose the race for a seq within a batch. Of eight nodes that write to one conversation
  /// without a break, one loses so often in a row about once in five thousand times.
  private static let raceLimit = 64

  /// One result for each draft, in order.
  func commit(_ drafts: [EntryDraft]) async -> [Result<AppendedEntry, StoreError>] {
    var results: Results = Array(repeating: nil, count: drafts.count)
    var open = Array(drafts.indices)
    var races: [ConversationID: Int] = [:]
    // Every round either ends the batch, settles at least one draft, or loses one of a bounded number of races.
    while !open.isEmpty {
      let planned = await plan(drafts, open, &results)
      guard !planned.isEmpty else { break }
      let era = heads.era
      do {
        let outcome = try await documents.insert(
          planned.map { BufferedEntry.document($0.entry, $0.line) }, into: BufferedEntry.schema.name
        )
        accept(planned.prefix(outcome.insertedCount), since: era, &results)
        open = planned.dropFirst(outcome.insertedCount).map(\.index)
        guard let failure = outcome.failure, let first = open.first else { break }
        if failure.kind == .conflict && failure.index == "id" {
          races[drafts[first].conversationID, default: 0] += 1
        }
        await settle(first, drafts[first], failure, &results)
        if races[drafts[first].conversationID, default: 0] > Self.raceLimit {
          results[first] = .failure(Self.outrun)
        }
        if results[first] != nil { open.removeFirst() }
      } catch {
        fail(planned, error, &results)
        break
      }
    }
    return results.map { $0 ?? .failure(Self.outrun) }
  }

  private static let outrun = StoreError(
    .unavailable, "other processes keep taking the next seq", hint: "retry in a moment")

  /// Writes one draft and carries out the steps, both or neither.
  ///
  /// A conflict of the steps is the caller's; one about the seq is a lost race and is run again.
  func commit(_ draft: EntryDraft, together steps: StepsWithEntry) async
    -> Result<AppendedEntry, StoreError>
  {
    do throws(StoreError) {
      for _ in 0...Self.raceLimit {
        let head = try await heads.head(draft.conversationID)
        let (entry, line) = try number(draft, behind: head, at: surroundings.now())
        let era = heads.era
        guard let failure = try await transact(entry, line, steps(entry)) else {
          let planned = Planned(index: 0, entry: entry, line: line)
          var results: Results = [nil]
          accept([planned][...], since: era, &results)
          return .success(AppendedEntry(entry: entry, isRepeat: false))
        }
        if let first = try await firstSend(of: draft) {
          return .success(AppendedEntry(entry: first, isRepeat: true))
        }
        // Whose conflict it was, the head tells: it has moved when somebody took the seq.
        guard try await heads.read(draft.conversationID).seq >= entry.seq else {
          return .failure(failure)
        }
      }
      throw Self.outrun
    } catch {
      return .failure(error)
    }
  }

  /// What the sender sent before under the same `clientID`.
  private func firstSend(of draft: EntryDraft) async throws(StoreError) -> Entry? {
    guard let clientID = draft.clientID else { return nil }
    return try await reader.entry(
      of: draft.senderID, clientID: clientID, in: draft.conversationID)
  }

  /// `nil` when it is written, the conflict where there is one.
  private func transact(_ entry: Entry, _ line: EntryLine, _ steps: [TransactionStep])
    async throws(StoreError) -> StoreError?
  {
    let insertion = TransactionStep.insert(
      BufferedEntry.document(entry, line, isTogether: true), into: BufferedEntry.schema.name)
    do {
      try await documents.transact([insertion] + steps)
      return nil
    } catch {
      heads.forget(entry.conversationID)
      if error.kind == .conflict { return error }
      // Should it be durable after all, a flush has to find it.
      watch.suspected(entry.conversationID, at: surroundings.uptime())
      throw error
    }
  }

  /// Numbers the open drafts; those that cannot become entries get their result.
  private func plan(_ drafts: [EntryDraft], _ open: [Int], _ results: inout Results) async
    -> [Planned]
  {
    var planned: [Planned] = []
    planned.reserveCapacity(open.count)
    var newest = await heads.heads(of: Set(open.map { drafts[$0].conversationID }))
    let now = surroundings.now()
    for index in open {
      let draft = drafts[index]
      do throws(StoreError) {
        guard let head = try newest[draft.conversationID]?.get() else { continue }
        let (entry, line) = try number(draft, behind: head, at: now)
        newest[draft.conversationID] = .success(LogHead(seq: entry.seq, ordinal: entry.ordinal))
        planned.append(Planned(index: index, entry: entry, line: line))
      } catch {
        results[index] = .failure(error)
      }
    }
    return planned
  }

  private func number(_ draft: EntryDraft, behind head: LogHead, at now: Timestamp)
    throws(StoreError) -> (Entry, EntryLine)
  {
    guard head.seq < SeqID.greatestSeq else {
      throw StoreError(.refused, "a conversation is full conversation=`\(draft.conversationID)`")
    }
    let entry = Entry(
      conversationID: draft.conversationID, seq: head.seq + 1,
      ordinal: draft.kind == .message ? head.ordinal + 1 : head.ordinal, kind: draft.kind,
      senderID: draft.senderID, createdAt: now, text: draft.text, replyTo: draft.replyTo,
      target: draft.target, clientID: draft.clientID, data: draft.data, files: draft.files)
    let line = EntryLine(entry)
    guard line.bytes.count <= 2 * settings.entryLimitBytes else {
      throw StoreError(.invalid, "an entry is too large limitBytes=`\(settings.entryLimitBytes)`")
    }
    return (entry, line)
  }

  private func accept(_ planned: ArraySlice<Planned>, since era: Int, _ results: inout Results) {
    let time = surroundings.uptime()
    for item in planned {
      let entry = item.entry
      heads.advance(
        entry.conversationID, to: LogHead(seq: entry.seq, ordinal: entry.ordinal), since: era)
      watch.noted(entry.conversationID, entry.seq, bytes: item.line.bytes.count, at: time)
      live.appended(entry)
      results[item.index] = .success(AppendedEntry(entry: entry, isRepeat: false))
    }
  }

  /// Decides about the draft that the insert stopped at. Without a result it is tried again.
  private func settle(
    _ index: Int, _ draft: EntryDraft, _ failure: StoreError, _ results: inout Results
  ) async {
    heads.forget(draft.conversationID)
    guard failure.kind == .conflict else {
      results[index] = .failure(failure)
      return
    }
    guard failure.index == "clientKey" else { return }
    do throws(StoreError) {
      if let entry = try await firstSend(of: draft) {
        results[index] = .success(AppendedEntry(entry: entry, isRepeat: true))
      }
    } catch {
      results[index] = .failure(error)
    }
  }

  /// Nothing is known of the batch: its entries may be durable or not.
  private func fail(_ planned: [Planned], _ error: StoreError, _ results: inout Results) {
    for item in planned {
      let conversation = item.entry.conversationID
      heads.forget(conversation)
      // Should they be durable after all, a flush has to find them.
      watch.suspected(conversation, at: surroundings.uptime())
      results[item.index] = .failure(error)
    }
  }
}
