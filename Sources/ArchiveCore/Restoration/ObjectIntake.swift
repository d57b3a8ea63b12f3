// Reads every object of entries once, and notes what lies in it.

/// Goes through packs and segments in the order of their keys. An object that was read to its end is not read again.
struct ObjectIntake: Sendable {
  let restorer: ArchiveRestorer

  private var notes: RestorationNotes { restorer.notes }

  func read(
    _ report: inout RestorationReport, _ progress: (RestorationProgress) -> Void
  ) async throws(StoreError) {
    var after: ObjectKey?
    while true {
      let page = try await restorer.objects.list(prefix: "", after: after, limit: 1000)
      for info in page {
        let key = info.key.description
        if key.hasPrefix("packs/") || key.hasPrefix("conversations/") {
          try await readOnce(info)
          report.objects += 1
          progress(.readingObjects(done: report.objects))
        } else if SnapshotHeader.parts(of: info.key) == nil {
          report.otherObjects += 1
        }
      }
      guard page.count == 1000, let last = page.last else { return }
      after = last.key
    }
  }

  private func readOnce(_ info: ObjectInfo) async throws(StoreError) {
    if try await notes.note(RestorationNote.object(info.key)) != nil { return }
    do throws(StoreError) {
      try await read(info)
    } catch  where error.kind == .notFound {
      try await notes.report(
        ArchiveProblem(
          .missingObject, object: info.key.description, "the object went away meanwhile"))
    }
  }

  private func read(_ info: ObjectInfo) async throws(StoreError) {
    let object = try await restorer.objects.get(info.key, range: nil)
    var scan = ObjectScan(info, restorer.settings, now: restorer.surroundings.now())
    var reader = GzipMemberReader(object, limitBytes: scan.memberLimitBytes)
    while let item = try await reader.next() {
      switch item {
      case .plain(let plain, let place): scan.add(plain, at: place)
      case .damage(let error, let offset):
        scan.damage("the object does not decompress: \(error) offset=`\(offset)`")
        try await reader.skipDamage()
      }
      if scan.lines.count >= RestorationNotes.chunk {
        try await notes.insertMissing(scan.takeLines())
      }
    }
    let (digest, bytes) = try await reader.digest()
    let parts = try scan.parts(digest, bytes)
    for problem in scan.problems { try await notes.report(problem) }
    try await notes.insertMissing(scan.takeLines())
    try await notes.insertMissing(parts)
    try await notes.insertMissing([scan.note])
  }
}

/// What was found in one object so far.
struct ObjectScan {
  private let info: ObjectInfo
  private let settings: LogSettings
  private let now: Timestamp
  private let short: String
  private var runs: [EntryRun] = []
  private(set) var lines: [Document] = []
  private(set) var problems: [ArchiveProblem] = []
  private var entries = 0

  /// Problems of one object that are told one by one.
  private static let problemLimit = 100

  init(_ info: ObjectInfo, _ settings: LogSettings, now: Timestamp) {
    (self.info, self.settings, self.now) = (info, settings, now)
    short = RestorationNote.short(info.key.description)
  }

  private var key: String { info.key.description }
  private var isPack: Bool { key.hasPrefix("packs/") }

  /// The object may have been written with larger blocks than are set now.
  var memberLimitBytes: Int { max(settings.blockLimitBytes, 4 << 20) }

  mutating func damage(_ how: String) { report(.alteredObject, how) }

  private mutating func report(_ kind: ArchiveProblem.Kind, _ how: String) {
    if problems.count < Self.problemLimit {
      problems.append(ArchiveProblem(kind, object: key, how))
    }
  }

  mutating func takeLines() -> [Document] {
    defer { lines = [] }
    return lines
  }

  /// Adds a decompressed block, or notes why it is none.
  mutating func add(_ plain: [UInt8], at place: Range<Int64>) {
    do {
      let checked = try CheckedBlock(checking: plain)
      let block = EntryRun.Block(checked, place, plainLength: plain.count)
      if runs.isEmpty || !runs[runs.count - 1].append(block) { runs.append(EntryRun(block)) }
      entries += checked.entries.count
      for (entry, line) in zip(checked.entries, checked.block.lines) { note(entry, line) }
    } catch {
      damage("\(error.description) offset=`\(place.lowerBound)`")
    }
  }

  /// Edits, deletions, and `clientId`s whose memory has not expired.
  private mutating func note(_ entry: Entry, _ line: EntryLine) {
    var fields: [String: DocumentValue] = [:]
    if entry.kind.isAmendment, entry.target != nil {
      fields["line"] = .string(String(decoding: line.bytes, as: UTF8.self))
    }
    // When it was archived is not in the line; not later than this, unless the object store was away.
    let expiry = entry.createdAt.advanced(
      by: settings.maxAge + settings.window + settings.clientIDMemory)
    if let clientID = entry.clientID, expiry > now {
      fields["clientKey"] = .string(
        BufferedEntry.clientKey(entry.conversationID, entry.senderID, clientID))
      fields["expiresAt"] = .time(expiry)
    }
    guard !fields.isEmpty else { return }
    fields["id"] = .string("line/\(SeqID.text(entry.conversationID, entry.seq))/\(short)")
    lines.append(Document(fields))
  }

  /// Notes of the runs that were found. `digest` and `bytes` are those of the whole object.
  mutating func parts(_ digest: String, _ bytes: Int64) throws(StoreError) -> [Document] {
    checkName(digest)
    var parts: [Document] = []
    for run in runs {
      let manifest = run.manifest(
        in: info, sha256: digest, bytes: bytes,
        level: isPack ? 0 : run.lineBytes >= settings.compactedBytes / 2 ? 2 : 1)
      let id = "part/\(run.conversationID)/\(SeqID.digits(run.firstSeq))/"
      parts.append(
        Document([
          "id": .string(id + "\(SeqID.digits(run.lastSeq))/\(short)"),
          "manifest": .object(try manifest.document().fields),
          "lastOrdinal": .integer(run.lastOrdinal), "newestAt": .time(run.newestAt),
        ]))
    }
    return parts
  }

  /// The name of a pack is its hash, that of a segment its place. An object under another name is used all the same.
  private mutating func checkName(_ digest: String) {
    if runs.isEmpty {
      return report(.alteredObject, "the object holds no entries that can be read")
    }
    guard problems.isEmpty else { return }
    if isPack {
      guard !key.hasSuffix("/\(digest.prefix(32)).jsonl.gz") else { return }
      report(.alteredObject, "the pack's SHA-256 is not its name")
    } else if runs.count != 1 || key != runs[0].segmentKey {
      report(.misplaced, "the object's name is not what lies in it")
    }
  }

  /// That the object was read. One with a problem is kept for whoever looks into it.
  var note: Document {
    var fields: [String: DocumentValue] = [
      "id": .string("object/\(short)"), "key": .string(key),
      "entries": .integer(Int64(entries)),
    ]
    if !problems.isEmpty { fields["keep"] = .bool(true) }
    return Document(fields)
  }
}

/// Blocks of one conversation, one behind the other in one object, that continue each other.
struct EntryRun: Sendable {
  struct Block: Sendable {
    let block: ArchiveCore.Block
    let place: SegmentManifest.BlockPlace
    let ordinal: Int64
    let newestAt: Timestamp

    init(_ checked: CheckedBlock, _ place: Range<Int64>, plainLength: Int) {
      block = checked.block
      self.place = SegmentManifest.BlockPlace(
        offset: place.lowerBound, length: Int64(place.count), plainLength: Int64(plainLength),
        firstSeq: block.firstSeq, lastSeq: block.lastSeq, headAfter: block.headAfter.description)
      ordinal = checked.entries.last?.ordinal ?? 0
      newestAt = checked.entries.map(\.createdAt).max() ?? Timestamp(milliseconds: 0)
    }
  }

  let conversationID: ConversationID
  let firstSeq: Int64
  let headBefore: Digest256
  private(set) var lastSeq: Int64
  private(set) var headAfter: Digest256
  private(set) var lastOrdinal: Int64
  private(set) var newestAt: Timestamp
  /// Bytes of the lines with their line feeds.
  private(set) var lineBytes: Int
  private var blocks: [SegmentManifest.BlockPlace]

  init(_ first: Block) {
    let block = first.block
    (conversationID, firstSeq, headBefore) = (
      block.conversationID, block.firstSeq, block.headBefore
    )
    (lastSeq, headAfter) = (block.lastSeq, block.headAfter)
    (lastOrdinal, newestAt, blocks) = (first.ordinal, first.newestAt, [first.place])
    lineBytes = Self.lineBytes(block)
  }

  private static func lineBytes(_ block: ArchiveCore.Block) -> Int {
    block.lines.reduce(0) { $0 + $1.bytes.count + 1 }
  }

  /// Adds the block where it continues the run.
  mutating func append(_ next: Block) -> Bool {
    let block = next.block
    guard block.conversationID == conversationID, block.firstSeq == lastSeq + 1,
      block.headBefore == headAfter
    else { return false }
    (lastSeq, headAfter, lastOrdinal) = (block.lastSeq, block.headAfter, next.ordinal)
    newestAt = max(newestAt, next.newestAt)
    lineBytes += Self.lineBytes(block)
    blocks.append(next.place)
    return true
  }

  var segmentKey: String {
    let range = "\(SeqID.digits(firstSeq))-\(SeqID.digits(lastSeq))"
    return "conversations/\(conversationID)/segments/\(range).jsonl.gz"
  }

  func manifest(in info: ObjectInfo, sha256: String, bytes: Int64, level: Int) -> SegmentManifest {
    SegmentManifest(
      id: SegmentManifest.id(conversationID, firstSeq: firstSeq), conversationId: conversationID,
      firstSeq: firstSeq, lastSeq: lastSeq, headBefore: headBefore.description,
      headAfter: headAfter.description, key: info.key.description, objectBytes: bytes,
      objectSHA256: sha256, level: level, blocks: blocks, createdAt: info.modified)
  }
}
