// What an examination of a bucket found out.

/// One line of `archive-service doctor` on the bucket.
public struct BucketFinding: Hashable, Sendable {
  public enum Outcome: String, Sendable {
    case ok
    /// Works, with a price that the detail names.
    case warning
    /// Would lose data, show it to others, or keep the archive from working.
    case failed
    /// Could not be looked at because of another failure, or does not apply.
    case skipped
  }

  /// What was looked at: `ranges`.
  public let check: String
  public let outcome: Outcome
  /// What was seen, for a human; no secret and no signed link.
  public let detail: String
  /// What mends it.
  public let cure: String?

  public init(_ check: String, _ outcome: Outcome, _ detail: String, cure: String? = nil) {
    (self.check, self.outcome, self.detail, self.cure) = (check, outcome, detail, cure)
  }
}

/// Why a check ends early: the server did something else than it should.
struct Deviation: Error {
  let outcome: BucketFinding.Outcome
  let detail: String
  let cure: String?

  init(_ detail: String, _ outcome: BucketFinding.Outcome = .failed, cure: String? = nil) {
    (self.detail, self.outcome, self.cure) = (detail, outcome, cure)
  }
}

/// Asks for a URL as a browser would, without credentials: how is the caller's matter.
public typealias OutsideFetch =
  @Sendable (_ url: String, _ headers: [(name: String, value: String)]) async throws ->
  OutsideAnswer

/// What came of it.
public struct OutsideAnswer: Sendable {
  public let status: Int
  /// By names in lower case.
  public let headers: [String: String]
  public let body: [UInt8]

  public init(status: Int, headers: [String: String], body: [UInt8]) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }
}
