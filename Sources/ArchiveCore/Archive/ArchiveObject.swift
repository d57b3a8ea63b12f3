// An archive object in the making: blocks of one or many conversations, one gzip member after another.

/// What one conversation contributes to an object: consecutive lines and where they continue the chain.
struct ArchivePart: Sendable {
  let conversationID: ConversationID
  let firstSeq: Int64
  let headBefore: Digest256
  let lines: [EntryLine]

  var lastSeq: Int64 { firstSeq + Int64(lines.count) - 1 }
  var bytes: Int { lines.reduce(0) { $0 + $1.bytes.count + 1 } }
}

/// An encoded object and the manifests of the parts in it. The same parts give the same bytes and key.
struct ArchiveObject: Sendable {
  let key: ObjectKey
  let bytes: [UInt8]
  let manifests: [SegmentManifest]

  /// A segment of its own for one conversation.
  static func segment(_ part: ArchivePart, level: Int, settings: LogSettings, at time: Timestamp)
    async -> ArchiveObject
  {
    let range = "\(SeqID.digits(part.firstSeq))-\(SeqID.digits(part.lastSeq))"
    let encoded = await EncodedParts([part], blockBytes: settings.blockBytes)
    return ArchiveObject(
      encoded,
      key: ObjectKey(
        trusted: "conversations/\(part.conversationID)/segments/\(range).jsonl.gz"),
      level: level, at: time)
  }

  /// A pack of several conversations. Its name is the hash of its content, under the day of its newest entry.
  static func pack(
    _ parts: [ArchivePart], day: Timestamp, settings: LogSettings, at time: Timestamp
  ) async -> ArchiveObject {
    let encoded = await EncodedParts(parts, blockBytes: settings.blockBytes)
    let name = encoded.digest.description.prefix(32)
    return ArchiveObject(
      encoded, key: ObjectKey(trusted: "packs/\(day.datePath)/\(name).jsonl.gz"), level: 0,
      at: time)
  }

  private init(_ encoded: EncodedParts, key: ObjectKey, level: Int, at time: Timestamp) {
    (self.key, bytes) = (key, encoded.bytes)
    manifests = encoded.parts.map { part in
      SegmentManifest(
        id: SegmentManifest.id(part.part.conversationID, firstSeq: part.part.firstSeq),
        conversationId: part.part.conversationID, firstSeq: part.part.firstSeq,
        lastSeq: part.part.lastSeq, headBefore: part.part.headBefore.description,
        headAfter: part.headAfter.description, key: key.description,
        objectBytes: Int64(encoded.bytes.count), objectSHA256: encoded.digest.description,
        level: level, blocks: part.places, createdAt: time)
    }
  }
}

/// Parts as gzip members, with the places of their blocks.
private struct EncodedParts {
  struct Part {
    let part: ArchivePart
    let places: [SegmentManifest.BlockPlace]
    let headAfter: Digest256
  }

  private(set) var bytes: [UInt8] = []
  private(set) var parts: [Part] = []
  let digest: Digest256

  init(_ parts: [ArchivePart], blockBytes: Int) async {
    for part in parts {
      var chain = HashChain(head: part.headBefore)
      var seq = part.firstSeq
      var places: [SegmentManifest.BlockPlace] = []
      for lines in part.lines.runs(ofBytes: blockBytes) {
        let block = Block(
          conversationID: part.conversationID, firstSeq: seq, headBefore: chain.head, lines: lines)
        let member = block.encoded()
        places.append(
          SegmentManifest.BlockPlace(
            offset: Int64(bytes.count), length: Int64(member.count),
            plainLength: Int64(block.plainLength), firstSeq: seq, lastSeq: block.lastSeq,
            headAfter: block.headAfter.description))
        bytes += member
        seq = block.lastSeq + 1
        chain = HashChain(head: block.headAfter)
        // Compression takes milliseconds a block: let others have the thread in between.
        await Task.yield()
      }
      self.parts.append(Part(part: part, places: places, headAfter: chain.head))
    }
    digest = Digest256(of: bytes)
  }
}

extension [EntryLine] {
  /// Consecutive runs of at least one line and, where possible, at most so many bytes.
  fileprivate func runs(ofBytes limit: Int) -> [[EntryLine]] {
    var runs: [[EntryLine]] = []
    var run: [EntryLine] = []
    var size = 0
    for line in self {
      if !run.isEmpty && size + line.bytes.count + 1 > limit {
        runs.append(run)
        (run, size) = ([], 0)
      }
      run.append(line)
      size += line.bytes.count + 1
    }
    return run.isEmpty ? runs : runs + [run]
  }
}
