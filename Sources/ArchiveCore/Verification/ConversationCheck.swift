// One conversation from its first entry to its newest: manifests, objects, chain, anchor, buffer.

/// The state of checking one conversation. `run` once, then read what was found.
struct ConversationCheck {
  let conversation: ConversationID
  let documents: any DocumentStore
  let fetcher: BlockFetcher
  let anchorKey: AnchorKey
  var objectCheck: ObjectCheck
  private let onSegment: @Sendable () -> Void

  private(set) var problems: [ArchiveProblem] = []
  private(set) var segments = 0
  private(set) var archivedEntries = 0
  private(set) var bufferedEntries = 0
  private var chain = HashChain()
  private var lastSeq: Int64 = 0
  private var ordinal: Int64 = 0
  /// The newest archived edit or deletion of each amended message.
  private var amendments: [String: Entry] = [:]

  init(
    conversation: ConversationID, documents: any DocumentStore, fetcher: BlockFetcher,
    anchorKey: AnchorKey, objectCheck: ObjectCheck, onSegment: @escaping @Sendable () -> Void
  ) {
    (self.conversation, self.documents, self.fetcher) = (conversation, documents, fetcher)
    (self.anchorKey, self.objectCheck) = (anchorKey, objectCheck)
    self.onSegment = onSegment
  }

  mutating func run() async throws(StoreError) {
    let buffered = try await buffered()
    let state = try await document(ArchiveState.self)
    let anchor = try await document(Anchor.self)
    try await walkManifests()
    checkEnd(state, anchor)
    try await checkAmendments()
    checkBuffer(buffered, behind: state?.archivedSeq ?? 0)
  }

  private mutating func report(
    _ kind: ArchiveProblem.Kind, object: String? = nil, line: Int? = nil, document: String? = nil,
    _ detail: String
  ) {
    problems.append(
      ArchiveProblem(
        kind, conversation: conversation, object: object, line: line, document: document, detail))
  }

  /// A document of the conversation; one that cannot be read is reported.
  private mutating func document<Value: StoredDocument>(_: Value.Type) async throws(StoreError)
    -> Value?
  {
    do throws(StoreError) {
      return try await Collection(Value.self, in: documents).find(id: conversation.description)
    } catch  where error.kind == .corrupt {
      report(
        .alteredDocument, document: "\(Value.schema.name)/\(conversation)",
        "the document cannot be read")
      return nil
    }
  }
}

// The archive: every manifest, object and block in order.
extension ConversationCheck {
  private mutating func walkManifests() async throws(StoreError) {
    var query = Query(
      SegmentManifest.schema.name, where: SeqID.filter(conversation, 0...SeqID.greatestSeq),
      sort: [.ascending("id")], limit: 256)
    while true {
      let page = try await documents.find(query)
      for document in page { try await check(document) }
      guard page.count == query.limit, let last = page.last else { return }
      query.after = query.cursor(behind: last)
    }
  }

  private mutating func check(_ document: Document) async throws(StoreError) {
    if Task.isCancelled { throw StoreError(.unavailable, "the verification was cancelled") }
    defer { onSegment() }
    let name = "\(SegmentManifest.schema.name)/\(document.id ?? "")"
    let manifest: SegmentManifest
    do { manifest = try SegmentManifest(document: document) } catch {
      return report(.alteredDocument, document: name, "the manifest cannot be read")
    }
    segments += 1
    if let contradiction = contradiction(in: manifest) {
      report(.alteredDocument, document: name, contradiction)
    }
    try await checkObject(of: manifest)
    lastSeq = manifest.lastSeq
    chain = HashChain(head: Digest256(hex: manifest.headAfter) ?? .zero)
  }

  private mutating func checkObject(of manifest: SegmentManifest) async throws(StoreError) {
    let finding = try await objectCheck.finding(for: manifest)
    if finding == .missing {
      return report(.missingObject, object: manifest.key, "a manifest names this object")
    }
    if case .altered(_, let digest) = finding, let other = try await owner(of: digest) {
      return report(
        .misplaced, object: manifest.key, "another object lies here expectedAt=`\(other)`")
    }
    let before = problems.count
    for place in manifest.blocks { try await check(place, of: manifest) }
    if case .altered(let how, _) = finding, problems.count == before {
      report(.alteredObject, object: manifest.key, how)
    }
  }

  /// The key under which an object with that SHA-256 belongs; `nil` where no manifest knows it.
  private func owner(of digest: String) async throws(StoreError) -> String? {
    let query = Query(
      SegmentManifest.schema.name, where: .equal("objectSHA256", .string(digest)), limit: 1)
    guard case .string(let key)? = try await documents.find(query).first?["key"] else { return nil }
    return key
  }

  /// What in the manifest contradicts itself or what came before it.
  private func contradiction(in manifest: SegmentManifest) -> String? {
    if manifest.conversationId != conversation
      || manifest.id != SegmentManifest.id(conversation, firstSeq: manifest.firstSeq)
    {
      return "the manifest names another conversation or place than its id"
    }
    if manifest.firstSeq != lastSeq + 1 {
      return "entries are missing in front of it expectedSeq=`\(lastSeq + 1)`"
    }
    if manifest.headBefore != chain.head.description {
      return "its head does not continue the chain"
    }
    var next = manifest.firstSeq
    for place in manifest.blocks {
      guard place.firstSeq == next, place.lastSeq >= next else {
        return "its blocks do not continue each other"
      }
      next = place.lastSeq + 1
    }
    let last = manifest.blocks.last
    return last?.lastSeq == manifest.lastSeq && last?.headAfter == manifest.headAfter
      ? nil : "its last block is not its end"
  }

  private mutating func check(_ place: SegmentManifest.BlockPlace, of manifest: SegmentManifest)
    async throws(StoreError)
  {
    do throws(StoreError) {
      switch try await fetcher.inspect(place, of: manifest) {
      case .success(let checked): accept(checked, of: manifest)
      case .failure(let damage): try await report(damage, at: place, of: manifest)
      }
    } catch  where error.kind == .corrupt {
      report(
        .alteredDocument, document: "\(SegmentManifest.schema.name)/\(manifest.id)",
        error.message)
    } catch  where error.kind == .invalid || error.kind == .notFound {
      report(
        .alteredObject, object: manifest.key,
        "the object ends before one of its blocks offset=`\(place.offset)`")
    }
    chain = HashChain(head: Digest256(hex: place.headAfter) ?? .zero)
  }

  private mutating func accept(_ checked: CheckedBlock, of manifest: SegmentManifest) {
    if checked.block.headBefore != chain.head {
      report(.alteredObject, object: manifest.key, "a block does not continue the chain")
    }
    archivedEntries += checked.entries.count
    for entry in checked.entries where entry.kind.isAmendment {
      if let target = entry.target { amendments["\(entry.kind.rawValue)/\(target)"] = entry }
    }
    ordinal = checked.entries.last?.ordinal ?? ordinal
  }

  private mutating func report(
    _ damage: CheckedBlock.Damage, at place: SegmentManifest.BlockPlace,
    of manifest: SegmentManifest
  ) async throws(StoreError) {
    let linesBefore = try await linesBefore(place, in: manifest.key)
    let kind: ArchiveProblem.Kind = damage.kind == .misplaced ? .misplaced : .alteredObject
    let lines =
      "lines \(linesBefore + 1) to \(linesBefore + Int(place.lastSeq - place.firstSeq) + 2)"
    report(
      kind, object: manifest.key, line: linesBefore + (damage.line ?? 1),
      "\(damage.description) (the block has \(lines), seq \(place.firstSeq) to \(place.lastSeq))")
  }

  /// Lines of the decompressed object in front of a block, from the manifests of everybody in it.
  private func linesBefore(_ place: SegmentManifest.BlockPlace, in key: String)
    async throws(StoreError) -> Int
  {
    let query = Query(
      SegmentManifest.schema.name, where: .equal("key", .string(key)), limit: 1000)
    var lines: Int64 = 0
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      for document in page {
        guard let manifest = try? SegmentManifest(document: document) else { continue }
        for other in manifest.blocks where other.offset < place.offset {
          lines += max(0, min(other.lastSeq, SeqID.greatestSeq) - max(other.firstSeq, 0)) + 2
        }
      }
    }
    return Int(clamping: lines)
  }
}

// The documents: anchor, state, amendments, buffer.
extension ConversationCheck {
  private mutating func checkEnd(_ state: ArchiveState?, _ anchor: Anchor?) {
    let stateName = "\(ArchiveState.schema.name)/\(conversation)"
    let anchorName = "\(Anchor.schema.name)/\(conversation)"
    guard lastSeq > 0 || state != nil || anchor != nil else { return }
    guard let anchor, anchor.isGenuine(anchorKey) else {
      return report(
        .alteredDocument, document: anchorName,
        anchor == nil ? "the anchor is missing" : "the anchor's signature is wrong")
    }
    if state?.archivedSeq != anchor.seq || state?.archivedHead != anchor.head {
      report(.alteredDocument, document: stateName, "the state is not what was anchored")
    }
    if lastSeq < anchor.seq {
      report(
        .cutOffTail,
        "the archive ends before the anchored head seq=`\(lastSeq)` anchoredSeq=`\(anchor.seq)`")
    } else if lastSeq > anchor.seq || chain.head.description != anchor.head {
      report(.alteredDocument, document: anchorName, "the archive ends in another head")
    } else if problems.isEmpty, let state, state.archivedOrdinal != ordinal {
      report(.alteredDocument, document: stateName, "the state counts other messages")
    }
  }

  private mutating func checkAmendments() async throws(StoreError) {
    var query = Query(
      AmendmentDocument.schema.name, where: SeqID.filter(conversation, 0...SeqID.greatestSeq),
      sort: [.ascending("id")], limit: 1000)
    var expected = problems.isEmpty ? amendments : [:]
    while true {
      let page = try await documents.find(query)
      for document in page {
        let name = "\(AmendmentDocument.schema.name)/\(document.id ?? "")"
        guard let amendment = try? AmendmentDocument(document: document) else {
          report(.alteredDocument, document: name, "the amendment cannot be read")
          continue
        }
        for entry in [amendment.edit, amendment.deletion].compactMap(\.self) {
          let key = "\(entry.kind.rawValue)/\(amendment.target)"
          if amendments[key] != entry, problems.isEmpty {
            report(.alteredDocument, document: name, "the amendment is not what was archived")
          }
          expected[key] = nil
        }
      }
      guard page.count == query.limit, let last = page.last else { break }
      query.after = query.cursor(behind: last)
    }
    for key in expected.keys.sorted() {
      report(
        .alteredDocument, document: "\(AmendmentDocument.schema.name)/\(conversation)",
        "an archived amendment is missing amendment=`\(key)`")
    }
  }

  private func buffered() async throws(StoreError) -> [Document] {
    var found: [Document] = []
    let query = Query(
      BufferedEntry.schema.name,
      where: .and([SeqID.filter(conversation, 0...SeqID.greatestSeq), .exists("leaf")]),
      sort: [.ascending("id")], limit: 1000)
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in found += page }
    return found
  }

  /// Read before the state, the buffer may still hold what is archived by now; what is above must be whole.
  private mutating func checkBuffer(_ buffered: [Document], behind archivedSeq: Int64) {
    var next: Int64?
    for document in buffered {
      let name = "\(BufferedEntry.schema.name)/\(document.id ?? "")"
      do throws(StoreError) {
        let item = try BufferedEntry(document: document)
        _ = try item.checkedLine()
        _ = try item.entry()
        if item.seq > archivedSeq, item.seq != next ?? (archivedSeq + 1) {
          report(
            .alteredDocument, document: name,
            "a buffered entry is missing in front of it expectedSeq=`\(next ?? (archivedSeq + 1))`")
        }
        if item.seq > archivedSeq { next = item.seq + 1 }
        bufferedEntries += 1
      } catch {
        report(.alteredDocument, document: name, error.message)
      }
    }
  }
}
