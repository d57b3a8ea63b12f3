// How an object is created that must not exist: by the server's word, or one at a time.

import ArchiveCore
import Logging
import S3Client
import Synchronization

/// Whether the server is asked to decide who creates an object.
public enum ConditionalWrites: String, CaseIterable, Sendable {
  /// Only after a race of writers on scratch objects had exactly one winner each time.
  case probe
  /// Never: look first, then put.
  case unsupported
}

/// Decides once, before the first create-only put, and never by the server's brand.
///
/// The mutex guards what is decided; the race itself runs in a turn, so that there is one at a time.
final class CreateOnlyWrites: Sendable {
  enum Means: Sendable {
    /// `If-None-Match: *` is honoured and atomic.
    case condition
    /// Look, then put, in the key's turn: safe within this process only.
    case turns
  }

  private struct State {
    var means: Means?
    /// How many races failed for want of a server, and how the last one did.
    var failureCount = 0
    var failure: StoreError?
  }

  let turns = KeyedTurns()
  private let place: BucketPlace
  private let surroundings: Surroundings
  private let logger: Logger
  private let state: Mutex<State>

  init(
    _ writes: ConditionalWrites, place: BucketPlace, surroundings: Surroundings, logger: Logger
  ) {
    (self.place, self.surroundings, self.logger) = (place, surroundings, logger)
    state = Mutex(State(means: writes == .unsupported ? .turns : nil))
  }

  /// What the server can be trusted with. Throws where it could not be found out: that is no verdict.
  func means() async throws(StoreError) -> Means {
    let (means, failureCount) = state.withLock { ($0.means, $0.failureCount) }
    if let means { return means }
    // No object's key holds an `@`.
    return try await turns.inTurn("@means") { () throws(StoreError) in
      try await self.decide(failuresBefore: failureCount)
    }
  }

  /// `conflict` where the object is there.
  func refuseExisting(_ key: ObjectKey) async throws(StoreError) {
    let head = try await place.asking("head", key) { name throws(S3Error) in
      try await place.bucket.head(name)
    }
    guard head == nil else { throw StoreError(.conflict, "the object exists key=`\(key)`") }
  }

  /// Who waited while another's race failed shares its failure, so that a dead server is not asked by
  /// each of them in turn.
  private func decide(failuresBefore: Int) async throws(StoreError) -> Means {
    let (known, failure) = state.withLock {
      ($0.means, $0.failureCount > failuresBefore ? $0.failure : nil)
    }
    if let known { return known }
    if let failure { throw failure }
    do throws(StoreError) {
      let verdict = try await ConditionalProbe(place: place, surroundings: surroundings).run()
      let means = means(of: verdict)
      state.withLock { $0.means = means }
      return means
    } catch {
      // Who was cancelled says nothing about the server.
      if !Task.isCancelled {
        state.withLock { ($0.failureCount, $0.failure) = ($0.failureCount + 1, error) }
      }
      throw error
    }
  }

  private func means(of verdict: ConditionalVerdict) -> Means {
    guard case .unsupported(let reason) = verdict else { return .condition }
    logger.warning(
      "the bucket does not decide who creates an object; one process alone may archive into it",
      metadata: ["bucket": "\(place.bucket.name)", "reason": "\(reason)"])
    return .turns
  }
}
