// The limits of the SQLite engine.

/// What an operator may change about the SQLite engine.
public struct SQLiteSettings: Sendable {
  /// Connections, each with its own thread, that answer questions.
  public var readerCount = 3
  /// Questions that may wait for a reader.
  public var readQueueLimit = 4096
  /// Writes that may wait for the writer.
  public var writeQueueLimit = 8192
  /// Writes that are made durable together.
  public var groupLimit = 512
  /// Prepared statements that each connection keeps.
  public var statementLimit = 128
  /// Pages of the file that the writer keeps: those that many commits in a row change.
  public var writerCacheBytes = 8 << 20
  /// Pages that each reader keeps: the upper ones of the indexes, for the rest are in the system's cache already.
  public var readerCacheBytes = 512 << 10
  /// How long a write waits for another process.
  public var busyTimeoutMilliseconds: Int32 = 5000
  /// Changes that are kept for readers that resume, per collection.
  public var keptChangesLimit = 4096
  /// Changes that may wait for one reader before its stream ends.
  public var changeQueueLimit = 1024
  /// How often expired documents are removed.
  public var expiryInterval: Duration = .seconds(30)
  /// Documents that are removed in one go.
  public var expiryBatch = 500

  /// For tests that measure no durability: commits do not wait for the disk.
  var isDurable = true

  public init() {}
}
