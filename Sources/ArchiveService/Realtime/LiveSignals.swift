// What nodes tell one another that is worth nothing a minute later: presence, typing, read marks.

import ArchiveCore
import Logging
import Synchronization

/// One document for all that a node has to say in one window.
struct LiveSignal: Sendable, StoredDocument {
  let id: ULID
  let node: ULID
  var presence: [UserID: PresenceStatus] = [:]
  var typing: [(user: UserID, conversation: ConversationID)] = []
  var reads: [(user: UserID, conversation: ConversationID, seq: Int64)] = []
  /// Whatever the node said of its users before holds no more.
  var isWhole = false
  /// The node asks the others to tell everything.
  var isAsking = false
  /// The node goes.
  var isLeaving = false
  var expiresAt: Timestamp

  static let schema = CollectionSchema(
    "liveSignals",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])

  init(id: ULID, node: ULID, expiresAt: Timestamp) {
    (self.id, self.node, self.expiresAt) = (id, node, expiresAt)
  }
}

extension LiveSignal {
  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asText.flatMap { ULID($0) } }
    node = try document.field("node") { $0.asText.flatMap { ULID($0) } }
    expiresAt = try document.field("expiresAt", \.asTime)
    // What is not understood comes from a newer node, and is only news.
    if case .object(let users)? = document["presence"] {
      for (name, status) in users {
        guard let user = UserID(name), let status = status.asText.flatMap(PresenceStatus.init)
        else { continue }
        presence[user] = status
      }
    }
    typing = Self.parts(document["typing"], 2).compactMap { parts in
      guard let user = UserID(String(parts[0])), let id = ConversationID(String(parts[1])) else {
        return nil
      }
      return (user, id)
    }
    reads = Self.parts(document["reads"], 3).compactMap { parts in
      guard let user = UserID(String(parts[0])), let id = ConversationID(String(parts[1])),
        let seq = Digits.number(parts[2])
      else { return nil }
      return (user, id, seq)
    }
    isWhole = document["isWhole"] == .bool(true)
    isAsking = document["isAsking"] == .bool(true)
    isLeaving = document["isLeaving"] == .bool(true)
  }

  private static func parts(_ value: DocumentValue?, _ count: Int) -> [[Substring]] {
    guard case .array(let items)? = value else { return [] }
    return items.compactMap { $0.asText?.split(separator: "/") }.filter { $0.count == count }
  }

  func document() throws(StoreError) -> Document {
    let users = presence.map { ($0.key.description, DocumentValue.string($0.value.rawValue)) }
    return Document(present: [
      "id": .string(id.description), "node": .string(node.description),
      "expiresAt": .time(expiresAt),
      "presence": users.isEmpty ? nil : .object(Dictionary(uniqueKeysWithValues: users)),
      "typing": typing.isEmpty
        ? nil : .array(typing.map { .string("\($0.user)/\($0.conversation)") }),
      "reads": reads.isEmpty
        ? nil : .array(reads.map { .string("\($0.user)/\($0.conversation)/\($0.seq)") }),
      "isWhole": isWhole ? .bool(true) : nil, "isAsking": isAsking ? .bool(true) : nil,
      "isLeaving": isLeaving ? .bool(true) : nil,
    ])
  }
}

/// Sends a node's signals through a small collection whose documents expire, and hears those of the others.
///
/// Only where several nodes share a store. What waits is bounded: of typing and reading the rest is dropped, presence
/// is told anew. Safe from any thread.
final class LiveSignals: Sendable {
  /// What is heard.
  enum News: Sendable {
    case signal(LiveSignal)
    /// Signals of others may have been missed.
    case missed
  }

  private struct Waiting {
    var typing: [(user: UserID, conversation: ConversationID)] = []
    var reads: [ReadPlace: Int64] = [:]
    var presence: [UserID: PresenceStatus] = [:]
    var isWhole = false
    var isAsking = false

    var isEmpty: Bool {
      typing.isEmpty && reads.isEmpty && presence.isEmpty && !isWhole && !isAsking
    }
  }

  private struct ReadPlace: Hashable {
    let user: UserID
    let conversation: ConversationID
  }

  private struct State {
    var waiting = Waiting()
    var lastSent: Duration?
    var isFailing = false
    /// Signals of others came faster than they were taken.
    var isBehind = false
  }

  /// How long a signal can be heard.
  private static let lifetime = Duration.seconds(120)
  /// A node that has nothing to say says so that often.
  private static let heartbeat = Duration.seconds(20)
  private static let itemLimit = 1000
  private static let queueLimit = 4096

  private let documents: any DocumentStore
  private let surroundings: Surroundings
  private let logger: Logger
  private let node: ULID
  private let state = Mutex(State())

  init(documents: any DocumentStore, surroundings: Surroundings, logger: Logger) {
    (self.documents, self.surroundings, self.logger) = (documents, surroundings, logger)
    node = surroundings.newID()
  }

  // MARK: To others

  func typing(_ user: UserID, in id: ConversationID) {
    state.withLock { state in
      if state.waiting.typing.count < Self.itemLimit { state.waiting.typing.append((user, id)) }
    }
  }

  func read(_ user: UserID, in id: ConversationID, _ seq: Int64) {
    let place = ReadPlace(user: user, conversation: id)
    state.withLock { state in
      let known = state.waiting.reads[place]
      if known != nil || state.waiting.reads.count < Self.itemLimit {
        state.waiting.reads[place] = max(known ?? 0, seq)
      }
    }
  }

  /// The others are to tell everything.
  func ask() { state.withLock { $0.waiting.isAsking = true } }

  /// Everything that is true of this node's users.
  func tellWhole(_ users: [UserID: PresenceStatus]) {
    state.withLock { state in
      state.waiting.presence = users
      state.waiting.isWhole = true
    }
  }

  /// Writes what waits, together with these changes of presence. What cannot be written is kept, where it still counts.
  func flush(_ users: [UserID: PresenceStatus], at uptime: Duration) async {
    let waiting: Waiting? = state.withLock { state in
      state.waiting.presence.merge(users) { $1 }
      let isDue = state.lastSent.map { uptime - $0 >= Self.heartbeat } ?? true
      guard isDue || !state.waiting.isEmpty else { return nil }
      defer { state.waiting = Waiting() }
      return state.waiting
    }
    guard let waiting else { return }
    do throws(StoreError) {
      let outcome = try await documents.insert(
        try signals(waiting).map { (signal) throws(StoreError) in try signal.document() },
        into: LiveSignal.schema.name)
      if let failure = outcome.failure { throw failure }
      state.withLock { ($0.lastSent, $0.isFailing) = (uptime, false) }
    } catch {
      keep(waiting, error)
    }
  }

  /// Presence alone is worth telling later.
  private func keep(_ waiting: Waiting, _ error: StoreError) {
    let wasFailing = state.withLock { state in
      let newer = state.waiting.presence
      state.waiting.presence = waiting.presence.merging(newer) { $1 }
      state.waiting.isWhole = state.waiting.isWhole || waiting.isWhole
      state.waiting.isAsking = state.waiting.isAsking || waiting.isAsking
      defer { state.isFailing = true }
      return state.isFailing
    }
    if !wasFailing {
      logger.warning(
        "other nodes cannot be told who is here, will try again", metadata: ["error": "\(error)"])
    }
  }

  /// At most `itemLimit` users in each; what makes the rest of no account comes first.
  private func signals(_ waiting: Waiting) -> [LiveSignal] {
    let expiry = surroundings.now().advanced(by: Self.lifetime)
    var first = LiveSignal(id: surroundings.newID(), node: node, expiresAt: expiry)
    first.typing = waiting.typing
    first.reads = waiting.reads.map { ($0.key.user, $0.key.conversation, $0.value) }
    (first.isWhole, first.isAsking) = (waiting.isWhole, waiting.isAsking)
    var all = [first]
    for (index, (user, status)) in waiting.presence.enumerated() {
      if index > 0 && index % Self.itemLimit == 0 {
        all.append(LiveSignal(id: surroundings.newID(), node: node, expiresAt: expiry))
      }
      all[all.count - 1].presence[user] = status
    }
    return all
  }

  /// The node goes: its users are where others say they are.
  func leave() async {
    let expiry = surroundings.now().advanced(by: Self.lifetime)
    var signal = LiveSignal(id: surroundings.newID(), node: node, expiresAt: expiry)
    signal.isLeaving = true
    do throws(StoreError) {
      _ = try await documents.insert([try signal.document()], into: LiveSignal.schema.name)
    } catch {
      // Others notice the silence.
      logger.debug("other nodes could not be told of the end", metadata: ["error": "\(error)"])
    }
  }

  // MARK: From others

  /// Hears other nodes until cancelled.
  func follow(_ heard: @escaping @Sendable (News) async -> Void) async {
    let (news, queue) = AsyncStream.makeStream(
      of: News.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
    let follower = ChangeFollower(
      collection: LiveSignal.schema.name, documents: documents, surroundings: surroundings,
      logger: logger)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await one in news {
          await heard(one)
          if self.wasBehind() { await heard(.missed) }
        }
      }
      await follower.run(
        opened: { if $0 == .anew { queue.yield(.missed) } }, broke: {},
        heard: { change in
          guard let signal = self.signal(change) else { return }
          if case .dropped = queue.yield(.signal(signal)) {
            self.state.withLock { $0.isBehind = true }
          }
        })
      queue.finish()
    }
  }

  private func wasBehind() -> Bool {
    state.withLock { state in
      defer { state.isBehind = false }
      return state.isBehind
    }
  }

  /// Of another node.
  private func signal(_ change: CollectionChange) -> LiveSignal? {
    do throws(StoreError) {
      let signal = try LiveSignal(document: change.document)
      return signal.node == node ? nil : signal
    } catch {
      logger.debug("a signal of another node is not readable", metadata: ["error": "\(error)"])
      return nil
    }
  }
}
