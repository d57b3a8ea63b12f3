// What can be told of a server from its answers so far.

/// What a client has learnt in passing; `doctor` shows it.
public struct S3Observations: Sendable, Hashable {
  /// How far the server's clock was ahead of ours in the newest answer with a date; dates have whole seconds.
  public var clockSkew: Duration?
  /// The region that the server named, where it named one.
  public var region: String?

  public init(clockSkew: Duration? = nil, region: String? = nil) {
    (self.clockSkew, self.region) = (clockSkew, region)
  }
}
