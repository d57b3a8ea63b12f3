// How often and when a request is sent again.

/// The rules for sending a request again, those of the AWS SDKs' standard mode: full jitter, a cap, and a budget of the whole client.
public struct S3Retries: Sendable {
  /// The most times that one request is sent.
  public var attempts = 5
  /// The longest wait before the first repetition; it doubles with each one.
  public var base = Duration.milliseconds(100)
  /// The longest wait before any repetition.
  public var cap = Duration.seconds(5)
  /// The longest wait that a server's `Retry-After` is given.
  public var retryAfterCap = Duration.seconds(20)
  /// What all repetitions of a client may cost before answers pay it back: 5 for each one, 10 behind a broken connection.
  /// It keeps a client from multiplying the load of a server that is down.
  public var budget = 500

  public init() {}
}

extension S3Retries {
  /// How long to wait behind the attempt with this number (1 is the first).
  func delay(after attempt: Int, retryAfter: Duration?, random: UInt64) -> Duration {
    let doublings = min(max(attempt - 1, 0), 20)
    let limit = min(cap, base * (1 << doublings))
    // 53 bits are as many as a Double tells apart: 0 ..< 1.
    let jittered = limit * (Double(random >> 11) / Double(1 << 53))
    guard let retryAfter else { return jittered }
    return max(jittered, min(retryAfter, retryAfterCap))
  }
}
