// Which event loops have members of which group.

import Synchronization

/// What lets a broadcast visit only the event loops that have members. Safe from any thread.
///
/// A shard writes here before it tells anybody that a socket joined, so a broadcast that begins afterwards visits it.
final class GroupDirectory: Sendable {
  private struct Entry {
    var memberCount = 0
    /// One bit for each shard; shards beyond 64 share bits, and are visited once too often.
    var shards: UInt64 = 0
    /// Joinings on their way to their shards, and the bits of those.
    var expectedCount = 0
    var expectedShards: UInt64 = 0

    var isEmpty: Bool { memberCount <= 0 && expectedCount == 0 }
  }

  private let entries = Mutex<[GroupKey: Entry]>([:])

  /// A shard's group changed by so many members, and has so many now.
  func note(_ key: GroupKey, shard: Int, change: Int, count: Int) {
    entries.withLock { entries in
      var entry = entries[key] ?? Entry()
      entry.memberCount += change
      if count > 0 {
        entry.shards |= Self.bit(shard)
      } else if shard < 64 {
        entry.shards &= ~Self.bit(shard)
      }
      entries[key] = entry.isEmpty ? nil : entry
    }
  }

  /// A socket is about to join: what is broadcast from here on visits its shard, behind the joining.
  func expect(_ keys: [GroupKey], shard: Int) {
    entries.withLock { entries in
      for key in keys {
        entries[key, default: Entry()].expectedCount += 1
        entries[key, default: Entry()].expectedShards |= Self.bit(shard)
      }
    }
  }

  /// The joining has reached its shard, whether the socket was still there or not.
  func settle(_ keys: [GroupKey]) {
    entries.withLock { entries in
      for key in keys {
        guard var entry = entries[key] else { continue }
        entry.expectedCount -= 1
        if entry.expectedCount <= 0 { (entry.expectedCount, entry.expectedShards) = (0, 0) }
        entries[key] = entry.isEmpty ? nil : entry
      }
    }
  }

  func memberCount(of key: GroupKey) -> Int { entries.withLock { $0[key]?.memberCount ?? 0 } }

  /// A bit for each shard that has members of any of these.
  func shards(of keys: [GroupKey]) -> UInt64 {
    entries.withLock { entries in
      keys.reduce(0) { $0 | (entries[$1]?.shards ?? 0) | (entries[$1]?.expectedShards ?? 0) }
    }
  }

  static func bit(_ shard: Int) -> UInt64 { 1 << UInt64(shard % 64) }
}
