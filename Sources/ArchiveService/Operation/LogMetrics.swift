// What the log did, as metrics.

import ArchiveCore

/// Turns the log's own counts into samples.
enum LogMetrics {
  static func samples(of log: ConversationLog) -> [MetricSample] {
    let now = log.measurements
    return [
      sample("packs_put", "Packs put since the start.", now.packsPut),
      sample("segments_put", "Segments put since the start.", now.segmentsPut),
      sample("snapshots_put", "Objects with snapshots put since the start.", now.snapshotsPut),
      sample("entries_archived", "Entries archived since the start.", now.archivedEntries),
      sample("flush_failures", "Flushes that failed since the start.", now.flushFailures),
      sample(
        "flush_failures_in_a_row", "Flushes that failed since the last one that worked.",
        now.flushFailuresInARow),
      sample("objects_deleted", "Objects deleted since the start.", now.objectsDeleted),
      sample("buffered_bytes", "Bytes of entries not archived yet.", now.bufferedBytes),
      sample(
        "buffered_conversations", "Conversations with entries not archived yet.",
        now.bufferedConversations),
      sample(
        "other_nodes_heard", "1 while this node hears what others append, or nobody else does.",
        now.isFollowing ? 1 : 0),
    ]
  }

  private static func sample(_ name: String, _ help: String, _ value: Int) -> MetricSample {
    MetricSample(name: "archive_" + name, help: help, value: Double(value))
  }
}
