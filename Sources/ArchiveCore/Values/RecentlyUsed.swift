// A bounded dictionary that forgets what was not used for the longest time.

/// At most `limit` units of cost; the least recently used goes first. Not safe across threads by itself.
///
/// Order is kept as a queue of (key, tick) in which outdated pairs are skipped when they come up,
/// so reading and writing cost O(1) on average.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Slot: Sendable {
    var value: Value
    var cost: Int
    var tick: UInt64
  }

  private var slots: [Key: Slot] = [:]
  private var queue: [(key: Key, tick: UInt64)] = []
  private var queueStart = 0
  private var tick: UInt64 = 0
  private var cost = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { slots.count }

  mutating func value(_ key: Key) -> Value? {
    guard var slot = slots[key] else { return nil }
    tick += 1
    slot.tick = tick
    slots[key] = slot
    queue.append((key, tick))
    trimQueue()
    return slot.value
  }

  mutating func insert(_ value: Value, for key: Key, cost newCost: Int = 1) {
    remove(key)
    tick += 1
    slots[key] = Slot(value: value, cost: newCost, tick: tick)
    cost += newCost
    queue.append((key, tick))
    while cost > limit, queueStart < queue.count { forgetOldest() }
    trimQueue()
  }

  mutating func remove(_ key: Key) {
    if let slot = slots.removeValue(forKey: key) { cost -= slot.cost }
  }

  mutating func removeAll() { self = RecentlyUsed(limit: limit) }

  private mutating func forgetOldest() {
    let (key, tick) = queue[queueStart]
    queueStart += 1
    if slots[key]?.tick == tick { remove(key) }
  }

  /// Drops what was skipped, once it is most of the queue.
  private mutating func trimQueue() {
    guard queue.count > 64, queue.count > 4 * slots.count || queueStart > queue.count / 2 else {
      return
    }
    queue = queue[queueStart...].filter { slots[$0.key]?.tick == $0.tick }
    queueStart = 0
  }
}
