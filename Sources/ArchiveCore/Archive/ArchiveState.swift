// How far a conversation is archived, and the signed anchor that proves it.

/// The document that says up to which entry a conversation lies in the object store.
///
/// Converted by hand, because every page of history reads one.
struct ArchiveState: Hashable, Sendable {
  /// The conversation.
  let id: ConversationID
  /// Entries up to here are in segments; those above are in the buffer.
  var archivedSeq: Int64
  /// How many messages there are up to `archivedSeq`.
  var archivedOrdinal: Int64
  /// The hash chain's head after `archivedSeq`.
  var archivedHead: String
  /// Parts of packs, and their decompressed bytes, that compaction has not moved yet.
  var packedParts: Int64
  var packedBytes: Int64
  /// Joinable segments (level 1) and their decompressed bytes.
  var joinableSegments: Int64
  var joinableBytes: Int64
  /// Set, to the conversation itself, while compaction has something to do here.
  var compactionDue: String?

  init(id: ConversationID) {
    self.id = id
    (archivedSeq, archivedOrdinal, archivedHead) = (0, 0, Digest256.zero.description)
    (packedParts, packedBytes, joinableSegments, joinableBytes) = (0, 0, 0, 0)
  }
}

extension ArchiveState: StoredDocument {
  static let schema = CollectionSchema(
    "archiveStates",
    indexes: [
      // Unique on purpose: such an index holds only the documents that have the field.
      CollectionIndex("compactionDue", on: [.ascending("compactionDue")], kind: .unique)
    ])

  init(document: Document) throws(StoreError) {
    guard let id = document.id.flatMap({ ConversationID($0) }),
      case .integer(let archivedSeq)? = document["archivedSeq"],
      (0...SeqID.greatestSeq).contains(archivedSeq),
      case .integer(let archivedOrdinal)? = document["archivedOrdinal"],
      case .string(let archivedHead)? = document["archivedHead"],
      case .integer(let packedParts)? = document["packedParts"],
      case .integer(let packedBytes)? = document["packedBytes"],
      case .integer(let joinableSegments)? = document["joinableSegments"],
      case .integer(let joinableBytes)? = document["joinableBytes"]
    else {
      throw StoreError(
        .corrupt, "an archive state lacks a field id=`\(document.id ?? "")`", hint: "run verify")
    }
    (self.id, self.archivedSeq, self.archivedOrdinal) = (id, archivedSeq, archivedOrdinal)
    (self.archivedHead, self.packedParts, self.packedBytes) = (
      archivedHead, packedParts, packedBytes
    )
    (self.joinableSegments, self.joinableBytes) = (joinableSegments, joinableBytes)
    if case .string(let due)? = document["compactionDue"] { compactionDue = due }
  }

  func document() -> Document {
    var fields: [String: DocumentValue] = [
      "id": .string(id.description), "archivedSeq": .integer(archivedSeq),
      "archivedOrdinal": .integer(archivedOrdinal), "archivedHead": .string(archivedHead),
      "packedParts": .integer(packedParts), "packedBytes": .integer(packedBytes),
      "joinableSegments": .integer(joinableSegments), "joinableBytes": .integer(joinableBytes),
    ]
    if let compactionDue { fields["compactionDue"] = .string(compactionDue) }
    return Document(fields)
  }
}

extension ArchiveState {
  /// The state once the manifest's entries are archived behind this one.
  func archived(_ manifest: SegmentManifest, ordinal: Int64, settings: LogSettings) -> ArchiveState
  {
    var state = self
    state.archivedSeq = manifest.lastSeq
    state.archivedOrdinal = ordinal
    state.archivedHead = manifest.headAfter
    if manifest.level == 0 {
      state.packedParts += 1
      state.packedBytes += manifest.plainBytes
    } else if manifest.level == 1 {
      state.joinableSegments += 1
      state.joinableBytes += manifest.plainBytes
    }
    state.noteCompaction(settings)
    return state
  }

  /// Marks the state where compaction has enough to do here.
  mutating func noteCompaction(_ settings: LogSettings) {
    let isDue = isPackedDue(settings) || isJoinDue(settings)
    compactionDue = isDue ? id.description : nil
  }

  /// Parts of packs have become many, or enough for a full segment.
  func isPackedDue(_ settings: LogSettings) -> Bool {
    packedParts >= settings.compactionParts || packedBytes >= settings.compactedBytes
  }

  /// Joinable segments have become many, or enough for a full segment.
  func isJoinDue(_ settings: LogSettings) -> Bool {
    joinableSegments >= settings.compactionParts || joinableBytes >= settings.compactedBytes
  }

  /// Writes this state, provided that the stored one still ends where `old` did.
  func step(replacing old: ArchiveState) -> TransactionStep {
    let document = document()
    // A conversation's first flush makes the document; two at once would conflict on its id.
    if old.archivedSeq == 0 { return .insert(document, into: Self.schema.name) }
    let fields = document.fields.filter { $0.key != "id" }
    var changes = fields.compactMap { name, value in
      FieldPath(name).map { DocumentChange.set($0, value) }
    }
    if compactionDue == nil { changes.append(.unset("compactionDue")) }
    let unchanged = Filter.and([
      .id(id.description), .equal("archivedSeq", .integer(old.archivedSeq)),
    ])
    return .update(Update(Self.schema.name, where: unchanged, changes), mustMatch: true)
  }
}

/// The newest archived head of one conversation, signed, so that a cut-off tail is seen.
struct Anchor: Codable, Hashable, Sendable {
  /// The conversation.
  let id: ConversationID
  let seq: Int64
  let head: String
  /// HMAC-SHA-256 over the other fields, by a key that is in neither store.
  let signature: String

  init(_ state: ArchiveState, key: AnchorKey) {
    (id, seq, head) = (state.id, state.archivedSeq, state.archivedHead)
    signature = key.signature(of: "\(id)|\(seq)|\(head)")
  }

  /// Writes this anchor in the place of the one before.
  var step: TransactionStep {
    .update(
      Update(
        Self.schema.name, where: .id(id.description),
        [
          .set("seq", .integer(seq)), .set("head", .string(head)),
          .set("signature", .string(signature)),
        ],
        extent: .upsert(insertedOnMiss: Document(["id": .string(id.description)]))),
      mustMatch: true)
  }

  func isGenuine(_ key: AnchorKey) -> Bool {
    key.isSignature(signature, of: "\(id)|\(seq)|\(head)")
  }
}

extension Anchor: StoredDocument {
  static let schema = CollectionSchema("anchors").snapshotted
}
