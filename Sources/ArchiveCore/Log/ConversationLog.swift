// The log of all conversations: the one door through which entries are written and read.

public import Logging

/// Appends entries durably, reads them back wherever they lie, and moves them to the archive.
///
/// A value of references; copies share everything. Safe from any task. What it promises:
/// - `append` returns only when the entry is durable; entries of one conversation are numbered 1, 2, 3 … without gaps.
/// - A retried draft with the same sender, conversation and `clientID` returns the first entry (for
///   `LogSettings.clientIDMemory` after it was archived).
/// - Reading sees every entry whose append returned before, once, in order, whatever a flush is doing meanwhile.
public struct ConversationLog: Sendable {
  /// The collections that must be prepared in the document store before the log is used.
  public static let schemas: [CollectionSchema] = [
    BufferedEntry.schema, SegmentManifest.schema, ArchiveState.schema, Anchor.schema,
    AmendmentDocument.schema, LeaseDocument.schema, RetiredObject.schema, SnapshotState.schema,
    UnsavedDeletion.schema, RestorationNote.schema,
  ]

  private let appender: LogAppender
  private let heads: LogHeads
  private let live: LiveFeed
  /// On a shared store only.
  private let follower: LogFollower?
  private let messageReader: MessageReader
  private let archivist: Archivist
  private let watch: BufferWatch
  private let totals: LogTotals
  /// What lies in the archive, for those who look after it.
  package let catalog: ArchiveCatalog

  /// - Parameters:
  ///   - snapshotting: collections of others that are kept in the object store too, so that it alone is enough to
  ///     rebuild everything. Each has a `CollectionSchema.snapshotted`, and is written through a
  ///     `MarkingDocumentStore`. With none there are no snapshots.
  ///   - anchorKey: signs the newest archived heads; keep it apart from both stores.
  public init(
    documents given: any DocumentStore, objects: any ObjectStore,
    snapshotting: [CollectionName] = [], settings: LogSettings,
    anchorKey: AnchorKey, surroundings: Surroundings, logger: Logger
  ) {
    let snapshotted = Self.snapshotted(with: snapshotting)
    let documents = MarkingDocumentStore(given, marking: snapshotted, surroundings: surroundings)
    let buffer = LogBuffer(documents: documents)
    let fetcher = BlockFetcher(objects: objects, limitBytes: settings.blockLimitBytes)
    let cache = BlockCache(fetcher: fetcher, limitBytes: settings.cacheLimitBytes)
    let manifests = ManifestCache(documents: documents, limitBlocks: settings.manifestCacheBlocks)
    let reader = LogReader(
      buffer: buffer, archive: ArchiveReader(known: manifests, cache: cache))
    let writer = ArchiveWriter(documents: documents, objects: objects, surroundings: surroundings)
    catalog = ArchiveCatalog(
      documents: documents, objects: objects, settings: settings, anchorKey: anchorKey,
      surroundings: surroundings)
    (watch, totals) = (BufferWatch(settings: settings), LogTotals())
    messageReader = MessageReader(reader: reader)
    heads = LogHeads(
      reader: reader, settings: settings, isShared: documents.isShared, surroundings: surroundings)
    live = LiveFeed(isShared: documents.isShared, limit: settings.headLimit)
    let committer = BatchCommitter(
      documents: documents, reader: reader, watch: watch, settings: settings,
      surroundings: surroundings, heads: heads, live: live)
    appender = LogAppender(committer: committer, watch: watch, settings: settings)
    let follower = LogFollower(
      documents: documents, heads: heads, watch: watch, live: live, surroundings: surroundings,
      logger: logger)
    self.follower = documents.isShared ? follower : nil
    let compactor = Compactor(
      documents: documents, fetcher: fetcher, writer: writer, totals: totals, settings: settings,
      surroundings: surroundings, logger: logger)
    let sweeper = Sweeper(
      documents: documents, objects: objects, totals: totals, settings: settings,
      surroundings: surroundings, logger: logger)
    let snapshots = SnapshotWriter(
      documents: given, objects: objects, collections: snapshotted, writer: writer, totals: totals,
      settings: settings, surroundings: surroundings, logger: logger)
    let flusher = Flusher(
      documents: documents, buffer: buffer, watch: watch, writer: writer, snapshots: snapshots,
      totals: totals, settings: settings, anchorKey: anchorKey, surroundings: surroundings,
      logger: logger)
    archivist = Archivist(
      documents: documents, buffer: buffer, watch: watch, snapshots: snapshots, flusher: flusher,
      compactor: compactor, sweeper: sweeper,
      leases: LeaseTaker(
        documents: documents, lifetime: settings.leaseLifetime, surroundings: surroundings),
      totals: totals, settings: settings, surroundings: surroundings, logger: logger)
  }

  /// Anchors go along: they tell a restoration how far each conversation must come.
  private static func snapshotted(with others: [CollectionName]) -> [CollectionName] {
    others.isEmpty ? [] : others + [Anchor.schema.name]
  }

  /// Writes an entry and returns it once it is durable.
  ///
  /// Throws `unavailable` when a queue or the buffer is full or the store is down (nothing is known then: retry
  /// with the same `clientID`), `invalid` when the entry is too large.
  public func append(_ draft: EntryDraft) async throws(StoreError) -> AppendedEntry {
    try await appender.append(draft)
  }

  /// Writes an entry and changes documents of others, both or neither: whoever reads sees the two agree, whenever the
  /// process dies.
  ///
  /// Throws `conflict` when a step did not find what it expects (look again, then decide), and what `append` throws.
  /// Costs a transaction of its own, so it is for what happens seldom. A retried draft with the same `clientID` returns
  /// the first entry and carries out no step.
  ///
  /// - Parameter steps: made from the entry once its place is known; again when another entry took the place first.
  public func append(_ draft: EntryDraft, together steps: @escaping StepsWithEntry)
    async throws(StoreError) -> AppendedEntry
  {
    try await appender.append(draft, together: steps)
  }

  /// The newest entry's place; seq and ordinal 0 where there is none yet.
  ///
  /// Sees at once what this process appended. What another node appended is seen when the changes bring it,
  /// usually within a second; with `reaching`, a seq that somebody has seen, a remembered place below it is not
  /// believed, and the store is asked.
  public func head(of conversation: ConversationID, reaching seq: Int64 = 0)
    async throws(StoreError) -> LogHead
  {
    let head = try await heads.head(conversation)
    return head.seq < seq ? try await heads.read(conversation) : head
  }

  /// The same for several conversations, in one call of the store for all that are not in memory.
  public func heads(of conversations: [ConversationID]) async throws(StoreError)
    -> [ConversationID: LogHead]
  {
    var newest: [ConversationID: LogHead] = [:]
    for (conversation, head) in await heads.heads(of: Set(conversations)) {
      newest[conversation] = try head.get()
    }
    return newest
  }

  /// Entries as they become durable, on this node or another, of one conversation or of all. See `LiveEntries`.
  ///
  /// While `run` does not run, those of other nodes are not heard.
  /// - Parameter queueLimit: entries that may wait for the subscriber before it is cut off.
  public func liveEntries(in conversation: ConversationID? = nil, queueLimit: Int = 1024)
    -> LiveEntries
  {
    live.subscribe(conversation, queueLimit: queueLimit)
  }

  /// One entry as it was accepted, or `nil` where the conversation has no such seq.
  public func entry(_ seq: Int64, in conversation: ConversationID) async throws(StoreError)
    -> Entry?
  {
    try await messageReader.reader.entry(seq, in: conversation)
  }

  /// The entry that the sender's first draft with that `clientID` became; `nil` where there was none, or it is not
  /// remembered any more.
  public func entry(of sender: UserID, clientID: String, in conversation: ConversationID)
    async throws(StoreError) -> Entry?
  {
    try await messageReader.reader.entry(of: sender, clientID: clientID, in: conversation)
  }

  /// Up to `limit` entries as they were accepted, behind `seq`, in rising seq; fewer only at the end.
  public func entries(in conversation: ConversationID, after seq: Int64, limit: Int)
    async throws(StoreError) -> [Entry]
  {
    try await messageReader.reader.entries(conversation, after: seq, limit: limit).entries
  }

  /// One message with its edits applied; `nil` where there is none, or the entry is an edit or a deletion.
  public func message(_ seq: Int64, in conversation: ConversationID) async throws(StoreError)
    -> Message?
  {
    try await messageReader.message(seq, in: conversation)
  }

  /// Up to `limit` messages and system entries next to a place, in rising seq.
  public func messages(in conversation: ConversationID, at place: LogPlace, limit: Int)
    async throws(StoreError) -> MessagePage
  {
    try await messageReader.page(conversation, at: place, limit: limit)
  }

  /// Flushes everything that is buffered, or one conversation, without waiting for it to fall quiet.
  public func flush(_ conversation: ConversationID?) async throws(StoreError) {
    try await archivist.flushNow(conversation)
  }

  /// One round of the background work: flushes what is due at this moment, compacts and sweeps a little.
  public func archiveDue() async throws(StoreError) { try await archivist.roundNow() }

  /// Flushes, compacts and sweeps as time goes by, and hears what other nodes do, until cancelled. Call once per
  /// process that serves. Live entries end when it ends.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await archivist.run() }
      if let follower { group.addTask { await follower.run() } }
    }
    live.finish()
  }

  /// What the log did since the process started, and what is buffered now.
  public var measurements: LogMeasurements {
    var measurements = totals.measurements
    (measurements.bufferedBytes, measurements.bufferedConversations) = watch.size
    measurements.isFollowing = heads.isCurrent
    return measurements
  }
}

/// What `append` did.
public struct AppendedEntry: Sendable {
  public let entry: Entry
  /// The entry is that of an earlier send with the same `clientID`.
  public let isRepeat: Bool

  public init(entry: Entry, isRepeat: Bool) { (self.entry, self.isRepeat) = (entry, isRepeat) }
}

/// How far a conversation has come.
public struct LogHead: Hashable, Sendable {
  public let seq: Int64
  public let ordinal: Int64

  public init(seq: Int64, ordinal: Int64) { (self.seq, self.ordinal) = (seq, ordinal) }
}

/// Where a page of a conversation begins.
public enum LogPlace: Hashable, Sendable {
  /// The newest page.
  case end
  /// The page that ends just before this seq.
  case before(Int64)
  /// The page that begins just after this seq.
  case after(Int64)
}

/// A page of a conversation in rising seq.
public struct MessagePage: Sendable {
  public let messages: [Message]
  /// The place of the next page in the same direction, or `nil` at the end of the conversation
  /// (reading upwards: at the newest entry there is).
  public let next: LogPlace?

  public init(messages: [Message], next: LogPlace?) {
    (self.messages, self.next) = (messages, next)
  }
}
