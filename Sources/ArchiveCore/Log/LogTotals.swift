// What the log did since the process started, for metrics.

internal import Synchronization

/// Counts since the start of the process, and the buffer's present size.
public struct LogMeasurements: Sendable {
  public internal(set) var packsPut = 0
  public internal(set) var segmentsPut = 0
  public internal(set) var snapshotsPut = 0
  public internal(set) var archivedEntries = 0
  public internal(set) var flushFailures = 0
  /// Flushes that failed since the last one that worked.
  public internal(set) var flushFailuresInARow = 0
  public internal(set) var objectsDeleted = 0
  public internal(set) var bufferedBytes = 0
  public internal(set) var bufferedConversations = 0
  /// Whether this process hears what others append. Always true where nobody else does.
  public internal(set) var isFollowing = true
}

/// The counts behind a lock. Safe from any thread.
final class LogTotals: Sendable {
  private let counts = Mutex(LogMeasurements())

  func count(_ change: (inout LogMeasurements) -> Void) { counts.withLock { change(&$0) } }

  var measurements: LogMeasurements { counts.withLock { $0 } }
}
