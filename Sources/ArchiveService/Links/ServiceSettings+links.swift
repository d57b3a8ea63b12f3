// What an operator may set about links.

extension ServiceSettings {
  /// Links to files: how long they are good, and what bounds them.
  public struct Links: Sendable {
    /// How long a link is good where nobody says.
    public var lifetime: Duration = .seconds(7 * 86_400)
    /// How long a link may be good.
    public var lifetimeLimit: Duration = .seconds(366 * 86_400)
    /// How often a link may be used, where its number of uses is limited.
    public var usesLimit = 10_000
    /// Links of one person to one file that are good at once.
    public var fileLimit = 100
    /// How long a link that is over is still known for one.
    public var memory: Duration = .seconds(30 * 86_400)
    /// The links that members get by themselves are good for that long at least, and for twice that at most.
    public var memberLifetime: Duration = .seconds(600)
    /// Files for which one request gets such links.
    public var batchLimit = 100
    /// Links on a page of a list.
    public var pageLimit = 200
    /// A use that is going on holds its place for that long after it was last heard of. Three times in it is looked
    /// whether the link is still good.
    public var placeLifetime: Duration = .seconds(60)

    /// Whether whole files are fetched from the object store directly, where it can sign addresses.
    public var redirects = false
    /// How long such an address is good; a download that began goes on.
    public var redirectLifetime: Duration = .seconds(60)

    public init() {}
  }
}
