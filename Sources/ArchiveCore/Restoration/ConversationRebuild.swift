// Makes the documents of each conversation's archive from what was found in the objects.

/// Works through the conversations in order, each in steps that may be repeated; the last takes its notes away.
struct ConversationRebuild: Sendable {
  let restorer: ArchiveRestorer

  private var documents: any DocumentStore { restorer.documents }
  private var notes: RestorationNotes { restorer.notes }

  /// Manifests, or other small steps, in one transaction.
  private static let chunk = 50

  func rebuild(_ progress: (RestorationProgress) -> Void) async throws(StoreError) {
    var behind = "part/"
    var done = 0
    while true {
      let query = Query(
        RestorationNote.schema.name,
        where: .and([.greater("id", .string(behind)), .less("id", .string("part/~"))]),
        sort: [.ascending("id")], limit: 1)
      guard let id = try await documents.find(query).first?.id else { break }
      guard let conversation = ConversationID(String(id.dropFirst(5).prefix(26))) else {
        throw StoreError(.corrupt, "a note of the restoration has no proper id id=`\(id)`")
      }
      try await rebuild(conversation)
      done += 1
      progress(.rebuildingConversations(done: done))
      behind = "part/\(conversation)/~"
    }
    try await reportLostConversations()
  }

  private func rebuild(_ conversation: ConversationID) async throws(StoreError) {
    let links = try await links(of: conversation)
    let anchor = try await Collection(Anchor.self, in: documents).find(id: conversation.description)
    let path = ChainPath(
      links, anchor: anchor.map { ChainPath.Place(seq: $0.seq, head: $0.head) })
    let (state, newestAt) = try await writeManifests(of: conversation, path)
    try await writeLines(of: conversation, path)
    try await checkOthers(of: conversation, path)
    var steps = [
      notes.step(deleting: "part/\(conversation)/"), notes.step(deleting: "line/\(conversation)/"),
    ]
    if let anchor, let problem = try await contradiction(anchor, path) {
      steps.append(try notes.step(reporting: problem))
    }
    if path.end.seq > 0 {
      steps += [
        .delete(ArchiveState.schema.name, where: .id(conversation.description)),
        .insert(state.document(), into: ArchiveState.schema.name),
        Anchor(state, key: restorer.anchorKey).step,
        notes.step(changing: RestorationNote.run, [.max("newestEntryAt", .time(newestAt))]),
      ]
    }
    try await documents.transact(steps)
  }

  private func links(of conversation: ConversationID) async throws(StoreError) -> [ChainLink] {
    var links: [ChainLink] = []
    let query = notes.query("part/\(conversation)/", limit: Self.chunk)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      for note in page {
        let manifest = try Self.manifest(note)
        links.append(
          ChainLink(
            note: note.id ?? "", key: manifest.key, firstSeq: manifest.firstSeq,
            lastSeq: manifest.lastSeq, headBefore: manifest.headBefore,
            headAfter: manifest.headAfter, level: manifest.level))
      }
    }
    return links
  }

  private static func manifest(_ note: Document) throws(StoreError) -> SegmentManifest {
    guard case .object(let fields)? = note["manifest"] else {
      throw StoreError(.corrupt, "a note of the restoration lacks a field id=`\(note.id ?? "")`")
    }
    return try SegmentManifest(document: Document(fields))
  }

  private func writeManifests(of conversation: ConversationID, _ path: ChainPath)
    async throws(StoreError) -> (ArchiveState, newestAt: Timestamp)
  {
    var state = ArchiveState(id: conversation)
    var newestAt = Timestamp(milliseconds: 0)
    for start in stride(from: 0, to: path.links.count, by: Self.chunk) {
      let some = path.links[start..<min(start + Self.chunk, path.links.count)]
      let found = try await documents.find(
        Query(
          RestorationNote.schema.name, where: .oneOf("id", some.map { .string($0.note) }),
          sort: [.ascending("id")], limit: some.count))
      var steps: [TransactionStep] = []
      for note in found {
        let manifest = try Self.manifest(note)
        guard case .integer(let ordinal)? = note["lastOrdinal"],
          case .time(let at)? = note["newestAt"]
        else { continue }
        steps.append(replacement(of: try manifest.document(), in: SegmentManifest.schema.name))
        state = state.archived(manifest, ordinal: ordinal, settings: restorer.settings)
        newestAt = max(newestAt, at)
      }
      try await documents.transact(steps)
    }
    return (state, newestAt)
  }

  /// Edits and deletions in rising seq, so that the newest stays; and what retries must find.
  private func writeLines(of conversation: ConversationID, _ path: ChainPath)
    async throws(StoreError)
  {
    let query = notes.query("line/\(conversation)/")
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      var steps: [TransactionStep] = []
      var memories: [Document] = []
      for note in page {
        guard let id = note.id, let (_, seq) = SeqID.parts(String(id.dropFirst(5).prefix(39))),
          let link = path.link(holding: seq), id.hasSuffix("/\(RestorationNote.short(link.key))")
        else { continue }
        if case .string(let text)? = note["line"] {
          let line = EntryLine(bytes: Array(text.utf8))
          if let step = AmendmentDocument.step(recording: try line.entry(), line) {
            steps.append(step)
          }
        }
        if let clientKey = note["clientKey"], let expiresAt = note["expiresAt"] {
          memories.append(
            Document([
              "id": .string(SeqID.text(conversation, seq)), "clientKey": clientKey,
              "expiresAt": expiresAt,
            ]))
        }
      }
      if !steps.isEmpty { try await documents.transact(steps) }
      // A clientId that was used twice, after its memory had expired, is remembered once.
      _ = try await notes.insertMissing(memories, into: BufferedEntry.schema.name)
    }
  }
}

// What does not fit.
extension ConversationRebuild {
  /// Links that are not used hold the same entries as those that are; or they are told.
  private func checkOthers(of conversation: ConversationID, _ path: ChainPath)
    async throws(StoreError)
  {
    var behindGap: [ChainLink] = []
    for link in path.others {
      if link.lastSeq > path.end.seq {
        behindGap.append(link)
      } else if try await head(at: link.lastSeq, path) != link.headAfter {
        try await keep(
          link,
          ArchiveProblem(
            .unconnected, conversation: conversation, object: link.key,
            "other entries than those that were restored firstSeq=`\(link.firstSeq)` lastSeq=`\(link.lastSeq)`"
          ))
      }
    }
    guard let first = behindGap.first, let last = behindGap.map(\.lastSeq).max() else { return }
    let problem = ArchiveProblem(
      .unconnected, conversation: conversation, object: first.key,
      "what comes before these entries is missing, so they are not restored restoredSeq=`\(path.end.seq)` firstSeq=`\(first.firstSeq)` lastSeq=`\(last)` objects=`\(Set(behindGap.map(\.key)).count)`"
    )
    for link in behindGap { try await keep(link, problem) }
  }

  private func keep(_ link: ChainLink, _ problem: ArchiveProblem) async throws(StoreError) {
    guard let key = ObjectKey(link.key) else { return }
    try await documents.transact([
      notes.step(changing: RestorationNote.object(key), [.set("keep", .bool(true))]),
      try notes.step(reporting: problem),
    ])
  }

  /// The chain's head after an entry that was restored; `nil` where its block cannot be read any more.
  private func head(at seq: Int64, _ path: ChainPath) async throws(StoreError) -> String? {
    guard let link = path.link(holding: seq), let note = try await notes.note(link.note) else {
      return nil
    }
    let manifest = try Self.manifest(note)
    guard let place = manifest.blocks.first(where: { $0.lastSeq >= seq }) else { return nil }
    if place.lastSeq == seq { return place.headAfter }
    let fetcher = BlockFetcher(
      objects: restorer.objects, limitBytes: max(restorer.settings.blockLimitBytes, 4 << 20))
    guard case .success(let checked) = try await fetcher.inspect(place, of: manifest) else {
      return nil
    }
    var chain = HashChain(head: checked.block.headBefore)
    for line in checked.block.lines.prefix(Int(clamping: seq - place.firstSeq + 1)) {
      chain.append(line: line.bytes)
    }
    return chain.head.description
  }

  /// What the anchor that a snapshot remembers says against what was restored.
  private func contradiction(_ anchor: Anchor, _ path: ChainPath) async throws(StoreError)
    -> ArchiveProblem?
  {
    if path.end.seq < anchor.seq {
      return ArchiveProblem(
        .cutOffTail, conversation: anchor.id,
        "the objects end before the head that a snapshot remembers seq=`\(path.end.seq)` anchoredSeq=`\(anchor.seq)`"
      )
    }
    if path.isBehindAnchor { return nil }
    if try await head(at: anchor.seq, path) == anchor.head { return nil }
    return ArchiveProblem(
      .unconnected, conversation: anchor.id,
      "the objects have other entries than a snapshot remembers anchoredSeq=`\(anchor.seq)`")
  }

  /// Conversations of which a snapshot remembers a head, and no object an entry.
  private func reportLostConversations() async throws(StoreError) {
    let query = Query(Anchor.schema.name, sort: [.ascending("id")], limit: 500)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      let archived = try await notes.present(
        page.compactMap { $0["id"] }, in: ArchiveState.schema.name)
      for document in page where !(document["id"].map(archived.contains) ?? true) {
        let anchor = try Anchor(document: document)
        try await documents.transact([
          .delete(Anchor.schema.name, where: .id(anchor.id.description)),
          try notes.step(
            reporting: ArchiveProblem(
              .cutOffTail, conversation: anchor.id,
              "no object has the conversation's entries anchoredSeq=`\(anchor.seq)`")),
        ])
      }
    }
  }
}
