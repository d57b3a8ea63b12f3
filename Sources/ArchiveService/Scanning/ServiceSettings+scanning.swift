// What an operator may set about the search for viruses.

extension ServiceSettings {
  /// Searching files for viruses, where a scanner is there.
  public struct Scanning: Sendable {
    /// A verdict is good for that long; then the same bytes are searched again.
    public var lifetime: Duration = .seconds(7 * 86_400)
    /// The same for files that were too large for the scanner, which its operator may change.
    public var shortLifetime: Duration = .seconds(600)
    /// Files that are searched at once on this node.
    public var atOnce = 4
    /// Files that may wait for that; more are refused with 503.
    public var queueLimit = 256

    public init() {}
  }
}
