// What a subscriber of live entries gets.

/// Accepted entries as they become durable, on whichever node, from the moment of subscribing on.
///
/// Of each conversation: in rising seq, each once, none left out. Entries of different conversations come in any order.
/// An entry may be one that was durable before. A subscriber that falls behind its queue by more than the limit, or
/// entries that this process could not hear of, end the sequence with a `LiveEnd`; what was queued before still comes.
///
/// To show a conversation without a gap or a double: subscribe first, then read the log up to its end, then take from
/// here what has a greater seq than the last that was read. After a `LiveEnd` do the same again.
///
/// One iterator per value. The subscription ends when the value and its iterator are gone.
public struct LiveEntries: AsyncSequence, Sendable {
  public typealias Element = Entry
  public typealias Failure = LiveEnd

  let stream: AsyncThrowingStream<Entry, any Error>

  public func makeAsyncIterator() -> Iterator { Iterator(base: stream.makeAsyncIterator()) }

  public struct Iterator: AsyncIteratorProtocol {
    var base: AsyncThrowingStream<Entry, any Error>.Iterator

    /// The next entry, or `nil` when the log has stopped or the task is cancelled.
    public mutating func next() async throws(LiveEnd) -> Entry? {
      try await next(isolation: #isolation)
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(LiveEnd)
      -> Entry?
    {
      do {
        return try await base.next(isolation: actor)
      } catch {
        throw error as? LiveEnd ?? .interrupted
      }
    }
  }
}

/// Why live entries ended before the log did. The subscriber reads on from the log, and subscribes again.
public enum LiveEnd: Error, Hashable, Sendable {
  /// The subscriber did not take its entries in time.
  case tooSlow
  /// This process may have missed entries of others.
  case interrupted
}
