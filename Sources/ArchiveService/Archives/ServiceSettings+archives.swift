// What bounds the work of admins with archives.

extension ServiceSettings {
  /// Lists of archives, and verifications.
  public struct Archives: Sendable {
    /// Conversations, or verifications, on a page of a list.
    public var pageLimit = 100
    /// Segments on a page.
    public var segmentPageLimit = 200
    /// Conversations that one request of a list may look at.
    public var searchBudget = 1000
    /// Entries that a download reads at once.
    public var downloadPage = 500

    /// Verifications that may wait for their turn on a node; more are refused with 503.
    public var verificationQueueLimit = 4
    /// How often a verification says how far it is.
    public var verificationInterval: Duration = .seconds(1)
    /// One that was not heard of for so long will not be finished.
    public var verificationSilence: Duration = .seconds(30)
    /// How long it is kept what a verification found.
    public var verificationMemory: Duration = .seconds(30 * 86_400)
    /// Problems that are kept of one verification; beyond them they are counted.
    public var problemLimit = 100

    public init() {}
  }
}
