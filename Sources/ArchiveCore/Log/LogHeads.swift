// The newest place of each conversation, remembered so that an append needs no read.

internal import Synchronization

/// A bounded memory of heads, read from the store where it does not know. Safe from any task.
///
/// On a shared store a head may be behind: others append, and their entries are heard of a moment later. An append on
/// such a head collides in the unique index, with the entry or with what is left of it once it is archived
/// (`LogSettings.seqMemory`), and the appender forgets the head and reads it anew. So a head is believed only while
/// changes are followed, and only for a part of that time.
final class LogHeads: Sendable {
  /// Heads that are asked for in one call of the store.
  private static let readingLimit = 64

  private struct Known {
    let head: LogHead
    /// When it was read or heard of, as uptime.
    let since: Duration
  }

  private struct State {
    var known: RecentlyUsed<ConversationID, Known>
    var isCurrent: Bool
    /// Grows when everything is forgotten: what was read before may be old by now.
    var era = 0
  }

  private let state: Mutex<State>
  private let reader: LogReader
  private let surroundings: Surroundings
  /// How long a head is believed; `nil` where nobody else appends.
  private let trust: Duration?

  /// - Parameter isShared: others append too, so nothing is current before their changes are followed.
  init(reader: LogReader, settings: LogSettings, isShared: Bool, surroundings: Surroundings) {
    (self.reader, self.surroundings) = (reader, surroundings)
    state = Mutex(State(known: RecentlyUsed(limit: settings.headLimit), isCurrent: !isShared))
    trust = isShared ? settings.seqMemory / 4 : nil
  }

  /// Whether what is remembered is current, but for the time that changes take.
  var isCurrent: Bool { state.withLock { $0.isCurrent } }

  var era: Int { state.withLock { $0.era } }

  /// The newest place, at most as old as the changes of other processes take to come.
  func head(_ conversation: ConversationID) async throws(StoreError) -> LogHead {
    if let head = remembered(conversation) { return head }
    return try await read(conversation)
  }

  /// The same of several conversations; those that are not remembered are read together.
  func heads(of conversations: Set<ConversationID>) async
    -> [ConversationID: Result<LogHead, StoreError>]
  {
    var found: [ConversationID: Result<LogHead, StoreError>] = [:]
    var unknown: [ConversationID] = []
    for id in conversations {
      if let head = remembered(id) { found[id] = .success(head) } else { unknown.append(id) }
    }
    let era = era
    var rest = unknown[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(Self.readingLimit))
      rest = rest.dropFirst(some.count)
      for (id, head) in await reader.heads(some) {
        found[id] = head.map { advance(id, to: $0, since: era) }
      }
    }
    return found
  }

  /// What is remembered, where it is to be believed.
  private func remembered(_ conversation: ConversationID) -> LogHead? {
    guard let known = state.withLock({ $0.isCurrent ? $0.known.value(conversation) : nil }),
      isBelievable(known)
    else { return nil }
    return known.head
  }

  private func isBelievable(_ known: Known) -> Bool {
    guard let trust else { return true }
    return surroundings.uptime() - known.since < trust
  }

  /// The newest place as the store knows it.
  func read(_ conversation: ConversationID) async throws(StoreError) -> LogHead {
    let era = era
    return advance(conversation, to: try await reader.head(conversation), since: era)
  }

  /// Whether an entry of that seq is news.
  func isBehind(_ conversation: ConversationID, _ seq: Int64) -> Bool {
    state.withLock { ($0.known.value(conversation)?.head.seq ?? 0) < seq }
  }

  /// Notes a head that was true in that era, unless a newer one is known already, and returns the newer.
  @discardableResult
  func advance(_ conversation: ConversationID, to head: LogHead, since era: Int) -> LogHead {
    let known = Known(head: head, since: surroundings.uptime())
    return state.withLock { state in
      if let newer = state.known.value(conversation)?.head, newer.seq > head.seq { return newer }
      if state.era == era { state.known.insert(known, for: conversation) }
      return head
    }
  }

  func forget(_ conversation: ConversationID) {
    state.withLock { $0.known.remove(conversation) }
  }

  /// Changes are followed from now on. What was remembered may lack those that were missed.
  func beginFollowing() {
    state.withLock { state in
      state.known.removeAll()
      state.era += 1
      state.isCurrent = true
    }
  }

  /// Changes are not heard at present.
  func stopFollowing() { state.withLock { $0.isCurrent = false } }
}
