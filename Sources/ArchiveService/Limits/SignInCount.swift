// How often signing in failed, for an account, an address, or both together, as all nodes share it.

import ArchiveCore

/// Failed sign-ins in a row of one scope. The identifier is the scope.
struct SignInCount: Sendable, Hashable, StoredDocument {
  /// Begins with `account/`, `address/` or `known/`; see `SignInDelays`.
  let id: String
  let failures: Int64
  let failedAt: Timestamp
  let expiresAt: Timestamp

  static let schema = CollectionSchema(
    "signInCounts",
    indexes: [CollectionIndex("expiry", on: [.ascending("expiresAt")], kind: .expiring)])
}

extension SignInCount {
  init(document: Document) throws(StoreError) {
    id = try document.field("id", \.asText)
    failures = try document.field("failures", \.asInteger)
    failedAt = try document.field("failedAt", \.asTime)
    expiresAt = try document.field("expiresAt", \.asTime)
  }

  func document() throws(StoreError) -> Document {
    Document([
      "id": .string(id), "failures": .integer(failures), "failedAt": .time(failedAt),
      "expiresAt": .time(expiresAt),
    ])
  }
}

/// The rule by which delays grow; pure.
struct SignInPace: Sendable {
  /// Failures that cost no delay.
  let free: Int64
  let limit: Duration
  /// Failures count until there was none for that long.
  let memory: Duration

  /// The delay behind that many failures: none, then 1 s, 2 s, 4 s … up to the limit.
  func delay(behind failures: Int64) -> Duration {
    guard failures > free else { return .zero }
    // Beyond 2^30 seconds every limit is reached.
    return min(limit, .seconds(1 << min(failures - free - 1, 30)))
  }

  /// How many failures still count.
  func failures(_ count: SignInCount?, at now: Timestamp) -> Int64 {
    guard let count, count.failedAt > now.advanced(by: .zero - memory) else { return 0 }
    return max(0, count.failures)
  }

  /// How long an attempt must wait; zero where it may begin.
  ///
  /// More than the limit can only come from a clock that was wrong. It must lock nobody out, so it
  /// counts as nothing.
  func wait(_ count: SignInCount?, at now: Timestamp) -> Duration {
    guard let count else { return .zero }
    let open = count.failedAt.advanced(by: delay(behind: failures(count, at: now)))
    let wait = open.since(now)
    return wait > limit || wait < .zero ? .zero : wait
  }
}
