// What a client keeps between requests: the server's region, its clock, and the key of the day.

import Synchronization

/// The moment and region of one signature.
struct SigningContext: Sendable, Equatable {
  var region: String
  var at: S3Instant
}

/// Facts learnt from answers, and the signing key that follows from them.
///
/// Every field is guarded by the one mutex.
final class LearntFacts: Sendable {
  private struct State {
    var region: String
    /// Added to our clock in signatures. Zero until a server refuses our time: small differences are harmless.
    var appliedSkew = Duration.zero
    var observed = S3Observations()
    var key: SigningKey?
  }

  private let state: Mutex<State>

  /// AWS's first region stands for one that is not known yet: its servers name the right one in their refusal.
  init(region: String) {
    state = Mutex(State(region: region.isEmpty || region == "auto" ? "us-east-1" : region))
  }

  var observations: S3Observations { state.withLock(\.observed) }

  /// What to sign with when our own clock says `now`.
  func context(now: S3Instant) -> SigningContext {
    state.withLock { SigningContext(region: $0.region, at: now.advanced(by: $0.appliedSkew)) }
  }

  /// From now on, requests are signed for this region.
  func learn(region: String) {
    state.withLock { ($0.region, $0.observed.region) = (region, region) }
  }

  /// From now on, requests are signed by this clock.
  func learn(serverTime: S3Instant, now: S3Instant) {
    let skew = serverTime.since(now)
    state.withLock { ($0.appliedSkew, $0.observed.clockSkew) = (skew, skew) }
  }

  /// Remembers what an answer tells in passing; it changes no signature.
  func note(serverTime: S3Instant?, region: String?, now: S3Instant) {
    guard serverTime != nil || region != nil else { return }
    state.withLock { state in
      if let serverTime { state.observed.clockSkew = serverTime.since(now) }
      if let region { state.observed.region = region }
    }
  }

  /// The key of a day and region, derived once: four HMACs that all requests of the day share.
  func key(_ context: SigningContext, credentials: S3Credentials) -> SigningKey {
    let day = context.at.day
    return state.withLock { state in
      if let kept = state.key, kept.day == day, kept.region == context.region { return kept }
      let key = SigningKey(credentials: credentials, region: context.region, day: day)
      state.key = key
      return key
    }
  }
}
