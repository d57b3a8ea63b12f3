// Follows the changes of one collection through every break.

package import Logging

/// Listens to a collection, and resumes where it was when the stream breaks. Ends when cancelled.
package struct ChangeFollower: Sendable {
  /// What was opened.
  package enum Opening: Sendable {
    /// Every change since the last one that was heard will come.
    case resumed
    /// Changes come from now on. Those before are not heard of, or were lost.
    case anew
  }

  let collection: CollectionName
  let documents: any DocumentStore
  let surroundings: Surroundings
  let logger: Logger

  package init(
    collection: CollectionName, documents: any DocumentStore, surroundings: Surroundings,
    logger: Logger
  ) {
    (self.collection, self.documents) = (collection, documents)
    (self.surroundings, self.logger) = (surroundings, logger)
  }

  /// The longest pause between two attempts: how long the others' entries may be late after an outage.
  private static let longestPause = Duration.seconds(10)

  /// - Parameters:
  ///   - opened: called when changes come, before the first of them.
  ///   - broke: called when none come any more, once per outage.
  package func run(
    opened: (Opening) -> Void, broke: () -> Void, heard: (CollectionChange) -> Void
  ) async {
    var position: ChangePosition?
    var failures = 0
    while !Task.isCancelled {
      let start = position
      let failure = await listen(since: &position, &failures, opened, heard)
      if Task.isCancelled { return }
      broke()
      // Who was only too slow goes on from the last that was heard. A place that cannot be gone on from is lost.
      if failure.kind == .refused && position == start { position = nil }
      failures += 1
      if failures == 1 { report(outage: failure) }
      let pause = surroundings.backoff(after: failures, atMost: Self.longestPause)
      try? await surroundings.sleep(pause)
    }
  }

  /// Hears one stream to its end, and says why it ended.
  private func listen(
    since position: inout ChangePosition?, _ failures: inout Int, _ opened: (Opening) -> Void,
    _ heard: (CollectionChange) -> Void
  ) async -> StoreError {
    do {
      let stream = try await documents.changes(of: collection, since: position)
      opened(position == nil ? .anew : .resumed)
      for try await change in stream {
        if failures > 0 { report(recovery: failures) }
        failures = 0
        heard(change)
        position = change.position
      }
      return StoreError(.unavailable, "the stream of changes ended")
    } catch {
      return error as? StoreError
        ?? StoreError(.unavailable, "the stream of changes broke", cause: error)
    }
  }

  private func report(outage error: StoreError) {
    logger.warning(
      "changes of other nodes are not heard; they are read again when they are",
      metadata: ["collection": "\(collection)", "error": "\(error)"])
  }

  private func report(recovery failures: Int) {
    logger.notice(
      "changes of other nodes are heard again",
      metadata: ["collection": "\(collection)", "attempts": "\(failures)"])
  }
}
