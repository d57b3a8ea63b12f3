// What an operator may set about previews and thumbnails.

extension ServiceSettings {
  /// Small pictures of large ones.
  public struct Pictures: Sendable {
    public var sides = PictureSides()
    /// Of larger files there are none.
    public var sourceLimitBytes = 64 << 20
    /// Pixels of the largest image that is decoded.
    public var pixelLimit = 100_000_000
    /// How many are made at once on this node.
    public var atOnce = 1
    /// How many may wait for that; more are refused with 503.
    public var queueLimit = 64

    public init() {}
  }
}
