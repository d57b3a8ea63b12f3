// News of sessions that are over, for whoever holds something open for one.

import ArchiveCore
import Synchronization

/// What is over.
enum SessionEnd: Sendable, Hashable {
  case session(SessionID)
  /// Sessions of the user may be over, or the user may have another role: whoever holds something open for one looks at
  /// it again.
  case some(of: UserID)
  /// News may have been missed: whoever holds something open for any session looks at it again.
  case unknown
}

/// Tells subscribers on this node of ends, whichever node they happened on; within a second, usually at once.
///
/// One end may be told twice. Safe from any thread.
final class SessionEnds: Sendable {
  /// A subscriber that is so many ends behind gets no more: its stream ends, and it must take everything for ended.
  private static let queueLimit = 4096

  private struct Subscribers {
    var streams: [Int: AsyncStream<SessionEnd>.Continuation] = [:]
    var lastNumber = 0
  }

  private let subscribers = Mutex(Subscribers())

  /// The ends from now on. The stream ends when its reader falls too far behind.
  func subscribe() -> AsyncStream<SessionEnd> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: SessionEnd.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
    let number = subscribers.withLock { subscribers in
      subscribers.lastNumber += 1
      subscribers.streams[subscribers.lastNumber] = continuation
      return subscribers.lastNumber
    }
    continuation.onTermination = { [weak self] _ in self?.remove(number) }
    return stream
  }

  func publish(_ end: SessionEnd) {
    let streams = subscribers.withLock { $0.streams }
    for (_, stream) in streams {
      if case .dropped = stream.yield(end) { stream.finish() }
    }
  }

  private func remove(_ number: Int) {
    subscribers.withLock { _ = $0.streams.removeValue(forKey: number) }
  }
}
