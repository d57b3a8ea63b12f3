// The inserted and changed documents of this process, for those who listen.

import ArchiveCore
import Synchronization

/// Publishes changes in the order of their commits and keeps the last ones for readers that resume.
///
/// A collection is followed from the first time somebody listens to it; before that nothing is built.
/// Everything is guarded by the one mutex. Streams are fed while it is held, because feeding only
/// appends to a bounded buffer and the order must be that of the commits; they are ended after it
/// is released, because the end of a stream calls back.
final class ChangeFeed: Sendable {
  private typealias Reader = AsyncThrowingStream<CollectionChange, any Error>.Continuation

  private struct Numbered {
    let number: UInt64
    let change: CollectionChange
  }

  private struct Followed {
    /// The lowest number from which on no change is missing in `kept`.
    var first: UInt64
    var kept: [Numbered] = []
    var readers: [UInt64: Reader] = [:]
  }

  private struct State {
    var lastNumber: UInt64 = 0
    var lastReader: UInt64 = 0
    var collections: [CollectionName: Followed] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let epoch: String
  private let keptLimit: Int
  private let queueLimit: Int

  /// The epoch is random: a position of another process is recognised and refused.
  init(epoch: UInt64, settings: SQLiteSettings) {
    self.epoch = String(epoch, radix: 36)
    (keptLimit, queueLimit) = (max(1, settings.keptChangesLimit), max(1, settings.changeQueueLimit))
  }

  func isFollowed(_ collection: CollectionName) -> Bool {
    state.withLock { $0.collections[collection] != nil }
  }

  func publish(_ changes: [PendingChange]) {
    let slow = state.withLock { state in
      var slow: [Reader] = []
      for change in changes {
        state.lastNumber += 1
        let published = CollectionChange(
          kind: change.kind, document: change.document,
          position: ChangePosition(token: "\(epoch)-\(state.lastNumber)"))
        keep(Numbered(number: state.lastNumber, change: published), of: change.collection, &state)
        for (id, reader) in state.collections[change.collection]?.readers ?? [:]
        where !Self.feed(published, to: reader) {
          state.collections[change.collection]?.readers[id] = nil
          slow.append(reader)
        }
      }
      return slow
    }
    for reader in slow { reader.finish(throwing: Self.tooSlow) }
  }

  private func keep(_ change: Numbered, of collection: CollectionName, _ state: inout State) {
    state.collections[collection]?.kept.append(change)
    let count = state.collections[collection]?.kept.count ?? 0
    // Cut rarely and by much, so that keeping costs little per change.
    guard count >= 2 * keptLimit else { return }
    let cut = count - keptLimit
    if let last = state.collections[collection]?.kept[cut - 1].number {
      state.collections[collection]?.first = last + 1
    }
    state.collections[collection]?.kept.removeFirst(cut)
  }

  func stream(of collection: CollectionName, since position: ChangePosition?) throws(StoreError)
    -> AsyncThrowingStream<CollectionChange, any Error>
  {
    var start: UInt64?
    if let position { start = try number(of: position) }
    let (stream, reader) = AsyncThrowingStream<CollectionChange, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(queueLimit))
    let (id, failure) = state.withLock { state in
      state.lastReader += 1
      return (state.lastReader, add(reader, to: &state, of: collection, since: start))
    }
    reader.onTermination = { [weak self] _ in self?.remove(id, of: collection) }
    if let failure { reader.finish(throwing: failure) }
    return stream
  }

  /// Why the reader hears nothing, or `nil`.
  private func add(
    _ reader: Reader, to state: inout State, of collection: CollectionName, since start: UInt64?
  ) -> StoreError? {
    if state.isClosed { return Self.closed }
    var followed =
      state.collections[collection] ?? Followed(first: state.lastNumber + 1)
    defer { state.collections[collection] = followed }
    if let start {
      guard start <= state.lastNumber, start + 1 >= followed.first
      else { return StoreError(.refused, "the changes since that position are gone") }
      for kept in followed.kept where kept.number > start {
        guard Self.feed(kept.change, to: reader) else { return Self.tooSlow }
      }
    }
    followed.readers[state.lastReader] = reader
    return nil
  }

  func close() {
    let readers = state.withLock { state in
      state.isClosed = true
      defer { state.collections = [:] }
      return state.collections.values.flatMap(\.readers.values)
    }
    for reader in readers { reader.finish(throwing: Self.closed) }
  }

  private func remove(_ id: UInt64, of collection: CollectionName) {
    state.withLock { $0.collections[collection]?.readers[id] = nil }
  }

  /// Whether there was room.
  private static func feed(_ change: CollectionChange, to reader: Reader) -> Bool {
    if case .dropped = reader.yield(change) { false } else { true }
  }

  private func number(of position: ChangePosition) throws(StoreError) -> UInt64 {
    let parts = position.token.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == epoch, let number = UInt64(parts[1]) else {
      throw StoreError(
        .refused, "a position in the changes is of another process",
        hint: "read the collection and start anew")
    }
    return number
  }

  private static var tooSlow: StoreError {
    StoreError(
      .refused, "a reader of changes is too slow", hint: "read the collection and start anew")
  }

  private static var closed: StoreError { StoreError(.unavailable, "the store is closed") }
}
