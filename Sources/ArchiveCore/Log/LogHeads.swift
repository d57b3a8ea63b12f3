// The newest place of each conversation, remembered so that an append needs no read.

internal import Synchronization

/// A bounded memory of heads, read from the store where it does not know. Safe from any task.
///
/// It may be behind the store when another process appends: then the unique index refuses the seq, and the
/// appender forgets the head and reads it anew.
final class LogHeads: Sendable {
  private let known: Mutex<RecentlyUsed<ConversationID, LogHead>>
  private let reader: LogReader

  init(reader: LogReader, limit: Int) {
    known = Mutex(RecentlyUsed(limit: limit))
    self.reader = reader
  }

  func head(_ conversation: ConversationID) async throws(StoreError) -> LogHead {
    if let head = known.withLock({ $0.value(conversation) }) { return head }
    return advance(conversation, to: try await reader.head(conversation))
  }

  /// Notes a head, unless a newer one is known already, and returns the newer.
  @discardableResult
  func advance(_ conversation: ConversationID, to head: LogHead) -> LogHead {
    known.withLock { known in
      if let newer = known.value(conversation), newer.seq >= head.seq { return newer }
      known.insert(head, for: conversation)
      return head
    }
  }

  func forget(_ conversation: ConversationID) { known.withLock { $0.remove(conversation) } }
}
