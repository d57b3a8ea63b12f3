// What an operator may set about mail and alerts.

extension ServiceSettings {
  /// Letters: what they say of this place, and how long they are tried.
  public struct Mail: Sendable {
    /// What the place is called in letters.
    public var siteName = "Chat"
    /// A letter that could not be sent for that long is given up.
    public var giveUpAfter: Duration = .seconds(2 * 24 * 3600)
    /// Another node takes a letter over that this one has had in hand for that long; longer than any sending takes.
    public var leaseLifetime: Duration = .seconds(180)
    /// How often the outbox is looked into.
    public var interval: Duration = .seconds(1)
    /// Letters that may wait; above it, what would write one is refused.
    public var queueLimit = 10_000

    public init() {}
  }

  /// Mails to the operator about what goes wrong.
  public struct Alerts: Sendable {
    /// Addresses; none: what goes wrong is only logged.
    public var to: [String] = []
    public var language = Language.en
    /// A trouble is told when it has lasted that long.
    public var after: Duration = .seconds(120)
    /// A trouble that goes on is told again after that time.
    public var repeatAfter: Duration = .seconds(6 * 3600)
    /// How often things are looked at.
    public var interval: Duration = .seconds(15)
    /// Less free space than that where the data directory lies is told.
    public var diskFreeBytes = 1 << 30
    /// That many failed sign-ins within `signInWindow` are an attack.
    public var signInFailures = 100
    public var signInWindow: Duration = .seconds(600)

    public init() {}
  }
}
