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
    AmendmentDocument.schema, LeaseDocument.schema, RetiredObject.schema,
  ]

  private let appender: LogAppender
  private let messageReader: MessageReader
  private let archivist: Archivist
  private let watch: BufferWatch
  private let totals: LogTotals

  /// - Parameter anchorKey: signs the newest archived heads; keep it apart from both stores.
  public init(
    documents: any DocumentStore, objects: any ObjectStore, settings: LogSettings,
    anchorKey: AnchorKey, surroundings: Surroundings, logger: Logger
  ) {
    let buffer = LogBuffer(documents: documents)
    let fetcher = BlockFetcher(objects: objects, limitBytes: settings.blockLimitBytes)
    let cache = BlockCache(fetcher: fetcher, limitBytes: settings.cacheLimitBytes)
    let manifests = ManifestCache(documents: documents, limitBlocks: settings.manifestCacheBlocks)
    let reader = LogReader(
      buffer: buffer, archive: ArchiveReader(known: manifests, cache: cache))
    let writer = ArchiveWriter(documents: documents, objects: objects, surroundings: surroundings)
    watch = BufferWatch(settings: settings)
    totals = LogTotals()
    messageReader = MessageReader(reader: reader)
    appender = LogAppender(
      documents: documents, reader: reader, watch: watch, settings: settings,
      surroundings: surroundings)
    let flusher = Flusher(
      documents: documents, buffer: buffer, watch: watch, writer: writer, totals: totals,
      settings: settings, anchorKey: anchorKey, surroundings: surroundings, logger: logger)
    let compactor = Compactor(
      documents: documents, fetcher: fetcher, writer: writer, totals: totals, settings: settings,
      surroundings: surroundings, logger: logger)
    let sweeper = Sweeper(
      documents: documents, objects: objects, totals: totals, settings: settings,
      surroundings: surroundings, logger: logger)
    archivist = Archivist(
      documents: documents, buffer: buffer, watch: watch, flusher: flusher, compactor: compactor,
      sweeper: sweeper, totals: totals, settings: settings, surroundings: surroundings,
      logger: logger)
  }

  /// Writes an entry and returns it once it is durable.
  ///
  /// Throws `unavailable` when a queue or the buffer is full or the store is down (nothing is known then: retry
  /// with the same `clientID`), `invalid` when the entry is too large.
  public func append(_ draft: EntryDraft) async throws(StoreError) -> AppendedEntry {
    try await appender.append(draft)
  }

  /// The newest entry's place; seq and ordinal 0 where there is none yet.
  public func head(of conversation: ConversationID) async throws(StoreError) -> LogHead {
    try await appender.head(conversation)
  }

  /// One entry as it was accepted, or `nil` where the conversation has no such seq.
  public func entry(_ seq: Int64, in conversation: ConversationID) async throws(StoreError)
    -> Entry?
  {
    try await messageReader.reader.entry(seq, in: conversation)
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

  /// Flushes, compacts and sweeps as time goes by, until cancelled. Call once per process that serves.
  public func run() async { await archivist.run() }

  /// What the log did since the process started, and what is buffered now.
  public var measurements: LogMeasurements {
    var measurements = totals.measurements
    (measurements.bufferedBytes, measurements.bufferedConversations) = watch.size
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
