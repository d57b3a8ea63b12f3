// The limits and times of the log, as data.

/// When conversations are flushed, and what bounds the log's memory and queues.
public struct LogSettings: Sendable {
  /// A conversation is flushed that long after its last entry.
  public var idle: Duration = .seconds(20)
  /// A conversation that never falls quiet is flushed when its oldest buffered entry is that old.
  public var maxAge: Duration = .seconds(300)
  /// A conversation is flushed when its buffered lines are that large.
  public var maxBytes = 1 << 20
  /// Conversations that fall due within one window share one pack.
  public var window: Duration = .seconds(5)

  /// From this size of lines a conversation gets a segment of its own at once.
  public var segmentBytes = 256 << 10
  /// Lines in one gzip member.
  public var blockBytes = 64 << 10
  /// Lines in one segment that compaction makes.
  public var compactedBytes = 8 << 20
  /// Parts of packs that a conversation may have before compaction moves them into a segment.
  public var compactionParts = 128
  /// Conversations in one pack at the most.
  public var packConversations = 2000
  /// Lines in one pack at the most; more is split over several.
  public var packBytes = 16 << 20
  /// How long a process may go on flushing after it was last heard of, before another takes over.
  public var leaseLifetime: Duration = .seconds(60)
  /// An object that nothing refers to is deleted when it is that old.
  public var orphanGrace: Duration = .seconds(24 * 3600)
  /// How long after archiving a `clientID` still makes a retry harmless.
  public var clientIDMemory: Duration = .seconds(7 * 24 * 3600)
  /// On a store that several nodes share: how long after archiving a seq still collides with one that a node would
  /// give again because it did not hear of the first. A node believes a head that it has not heard of for a quarter
  /// of that; the rest is for clocks that are wrong.
  public var seqMemory: Duration = .seconds(24 * 3600)
  /// Changes that no flush takes along reach a snapshot that long after they were made, or after the last one.
  public var snapshotInterval: Duration = .seconds(60)
  /// A full snapshot is made anew when it is that old and something changed.
  public var snapshotRenewal: Duration = .seconds(24 * 3600)
  /// Lines in one object of a snapshot.
  public var snapshotBytes = 4 << 20
  /// Documents in one object of a snapshot.
  public var snapshotDocuments = 5_000

  /// Drafts that may wait for the next group commit.
  public var appendQueueLimit = 10_000
  /// Entries in one group commit.
  public var appendBatchLimit = 512
  /// Bytes of one entry's line.
  public var entryLimitBytes = 256 << 10
  /// Bytes of lines that may wait to be archived; above, appends are refused until a flush made room.
  public var bufferLimitBytes = 4 << 30
  /// Bytes of decoded blocks kept for readers.
  public var cacheLimitBytes = 64 << 20
  /// Blocks whose places are remembered for readers.
  public var manifestCacheBlocks = 200_000
  /// No block is larger, compressed or not: one line of the greatest size and a header fit.
  var blockLimitBytes: Int { max(blockBytes, 2 * entryLimitBytes) + 4096 }
  /// Conversations whose newest seq is kept in memory.
  public var headLimit = 100_000

  public init() {}
}
