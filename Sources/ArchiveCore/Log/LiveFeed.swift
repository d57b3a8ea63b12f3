// Hands entries that became durable to whoever subscribed, in order, each once.

internal import Synchronization

/// Puts two sources in one order: the entries that this process appended, known at once, and, on a shared store, the
/// changes, which bring everybody's entries in rising seq but a moment later, the own ones among them.
///
/// An own entry is published at once where it continues what was published. Otherwise it is left to the changes, which
/// bring what is between first. So nothing is ever held back here, or read again. On a store that is not shared, own
/// entries are all there are.
///
/// Everything is guarded by the one mutex. Streams are fed while it is held, because feeding only appends to a bounded
/// queue and the order must be kept; they are ended after it is released, because the end of a stream calls back.
final class LiveFeed: Sendable {
  fileprivate typealias Queue = AsyncThrowingStream<Entry, any Error>.Continuation

  fileprivate struct Subscriber {
    /// `nil`: all conversations.
    let conversation: ConversationID?
    let queue: Queue
  }

  fileprivate struct State {
    var subscribers: [UInt64: Subscriber] = [:]
    var lastSubscriber: UInt64 = 0
    /// The newest published seq. Of a conversation that is not in it, the next entry that is heard of is the first.
    var published: RecentlyUsed<ConversationID, Int64>
    /// Own entries that were published before the changes brought them.
    var ahead: [ConversationID: Int64] = [:]
    var isEnded = false
  }

  /// Subscribers to end, and why.
  fileprivate typealias Ended = [(queue: Queue, end: LiveEnd)]

  private let state: Mutex<State>
  private let isShared: Bool
  private let limit: Int

  /// - Parameter limit: conversations of which the newest published seq is remembered.
  init(isShared: Bool, limit: Int) {
    (self.isShared, self.limit) = (isShared, limit)
    state = Mutex(State(published: RecentlyUsed(limit: limit)))
  }

  /// The entries of one conversation, or of all, from now on.
  func subscribe(_ conversation: ConversationID?, queueLimit: Int) -> LiveEntries {
    let (stream, queue) = AsyncThrowingStream<Entry, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(max(1, queueLimit)))
    let id: UInt64? = state.withLock { state in
      if state.isEnded { return nil }
      state.lastSubscriber += 1
      state.subscribers[state.lastSubscriber] = Subscriber(
        conversation: conversation, queue: queue)
      return state.lastSubscriber
    }
    if let id {
      queue.onTermination = { [weak self] _ in self?.remove(id) }
    } else {
      queue.finish()
    }
    return LiveEntries(stream: stream)
  }

  private func remove(_ id: UInt64) {
    state.withLock { state in
      state.subscribers[id] = nil
      // Nobody listens: what was published is not kept up any more, so it must not be believed later.
      if state.subscribers.isEmpty { state.forget() }
    }
  }

  /// An entry that this process appended.
  func appended(_ entry: Entry) {
    end(
      state.withLock { state in
        guard !state.subscribers.isEmpty else { return [] }
        let (id, seq) = (entry.conversationID, entry.seq)
        let last = state.published.value(id)
        guard isShared else { return state.publish(entry, behind: last) }
        guard last == seq - 1, state.ahead[id] != nil || state.ahead.count < limit else {
          return []
        }
        state.ahead[id] = seq
        return state.publish(entry, behind: last)
      })
  }

  /// Whether somebody waits for the entry of that place, so that it is worth reading.
  func isWaiting(for seq: Int64, in conversation: ConversationID) -> Bool {
    state.withLock { state in
      !state.subscribers.isEmpty && (state.ahead[conversation] ?? 0) < seq
    }
  }

  /// The changes have come to an entry of this place. `nil` where nobody waited for it, see `isWaiting`.
  func heard(_ entry: Entry?, _ seq: Int64, in conversation: ConversationID) {
    end(
      state.withLock { state in
        if let ahead = state.ahead[conversation], seq <= ahead {
          if seq == ahead { state.ahead[conversation] = nil }
          return []
        }
        guard let entry, !state.subscribers.isEmpty else { return [] }
        return state.publish(entry, behind: state.published.value(conversation))
      })
  }

  /// Changes were missed, so nobody can be sure to have everything.
  func interrupt() {
    end(
      state.withLock { state in
        defer {
          state.subscribers = [:]
          state.forget()
        }
        return state.subscribers.values.map { ($0.queue, .interrupted) }
      })
  }

  /// The log stops.
  func finish() {
    let queues = state.withLock { state in
      state.isEnded = true
      defer { state.subscribers = [:] }
      return state.subscribers.values.map(\.queue)
    }
    for queue in queues { queue.finish() }
  }

  private func end(_ ended: Ended) {
    for (queue, end) in ended { queue.finish(throwing: end) }
  }
}

extension LiveFeed.State {
  fileprivate mutating func forget() {
    published.removeAll()
    ahead = [:]
  }

  /// Publishes the entry, unless it was before; ends the subscribers that it finds no room at, and those that lack
  /// the entries before it.
  fileprivate mutating func publish(_ entry: Entry, behind last: Int64?) -> LiveFeed.Ended {
    if let last, entry.seq <= last { return [] }
    published.insert(entry.seq, for: entry.conversationID)
    let isGap = last.map { entry.seq != $0 + 1 } ?? false
    var ended: LiveFeed.Ended = []
    for (id, subscriber) in subscribers
    where subscriber.conversation == nil || subscriber.conversation == entry.conversationID {
      if isGap {
        ended.append((subscriber.queue, .interrupted))
      } else if case .dropped = subscriber.queue.yield(entry) {
        ended.append((subscriber.queue, .tooSlow))
      } else {
        continue
      }
      subscribers[id] = nil
    }
    return ended
  }
}
