// How often something may happen.

/// So many times in a period, all at once or spread over it.
public struct Rate: Sendable, Hashable {
  /// 1 to 1,000,000.
  public let count: Int
  /// A second up to a day.
  public let period: Duration

  /// Values outside of what is allowed are moved to its nearest end.
  public init(_ count: Int, per period: Duration) {
    self.count = min(max(count, 1), 1_000_000)
    self.period = min(max(period, .seconds(1)), .seconds(86_400))
  }
}

/// What is limited.
enum RateRule: String, CaseIterable, Sendable {
  case signIn, signUp, mail, search, send, upload, download
}

/// Whom a limit is for.
enum RateSubject: Hashable, Sendable {
  /// A subscriber's network; `nil` for callers without an address, who share one allowance.
  case network(IPNetwork?)
  case account(AccountKey)
}

extension ServiceSettings {
  /// How often callers may do what costs others something. `nil` is no limit.
  ///
  /// Counts are kept by each node for itself, but for the delays after failed sign-ins, which all
  /// nodes share.
  public struct Limits: Sendable {
    public var signInsPerAddress: Rate? = Rate(60, per: .seconds(60))
    /// Of those with the right password: failures have their own delays.
    public var signInsPerAccount: Rate? = Rate(20, per: .seconds(60))
    public var signUpsPerAddress: Rate? = Rate(30, per: .seconds(600))
    public var mailsPerAddress: Rate? = Rate(20, per: .seconds(3600))
    public var mailsPerAccount: Rate? = Rate(5, per: .seconds(3600))
    public var searchesPerAddress: Rate? = Rate(600, per: .seconds(60))
    public var searchesPerAccount: Rate? = Rate(120, per: .seconds(60))
    public var sendsPerAddress: Rate? = Rate(1200, per: .seconds(60))
    public var sendsPerAccount: Rate? = Rate(240, per: .seconds(60))
    /// A window full of pictures asks for a hundred at once.
    public var downloadsPerAddress: Rate? = Rate(3000, per: .seconds(60))
    public var uploadsPerAddress: Rate? = Rate(600, per: .seconds(60))
    public var uploadsPerAccount: Rate? = Rate(120, per: .seconds(60))
    /// Subjects that are remembered; beyond it the least recently seen are forgotten.
    public var subjectLimit = 100_000

    /// Failed sign-ins of one account that cost no delay.
    public var freeSignInFailures = 5
    /// Failed sign-ins from one address that cost no delay.
    public var freeAddressFailures = 20
    /// The longest delay, which a growing one reaches.
    public var signInDelayLimit: Duration = .seconds(300)
    /// After that time without failures they are forgotten.
    public var signInFailureMemory: Duration = .seconds(1800)
    /// An address from which one has signed in is known for that long.
    public var knownAddressMemory: Duration = .seconds(90 * 86_400)

    public init() {}

    /// No limits at all, for tests and measurements.
    public static var none: Limits {
      var limits = Limits()
      (limits.signInsPerAddress, limits.signInsPerAccount, limits.signUpsPerAddress) =
        (nil, nil, nil)
      (limits.mailsPerAddress, limits.mailsPerAccount) = (nil, nil)
      (limits.searchesPerAddress, limits.searchesPerAccount) = (nil, nil)
      (limits.sendsPerAddress, limits.sendsPerAccount) = (nil, nil)
      limits.downloadsPerAddress = nil
      (limits.uploadsPerAddress, limits.uploadsPerAccount) = (nil, nil)
      (limits.freeSignInFailures, limits.freeAddressFailures) = (.max, .max)
      return limits
    }

    func rate(_ rule: RateRule, of subject: RateSubject) -> Rate? {
      switch (rule, subject) {
      case (.signIn, .network): signInsPerAddress
      case (.signIn, .account): signInsPerAccount
      case (.signUp, .network): signUpsPerAddress
      case (.signUp, .account): nil
      case (.mail, .network): mailsPerAddress
      case (.mail, .account): mailsPerAccount
      case (.search, .network): searchesPerAddress
      case (.search, .account): searchesPerAccount
      case (.send, .network): sendsPerAddress
      case (.send, .account): sendsPerAccount
      case (.download, .network): downloadsPerAddress
      case (.download, .account): nil
      case (.upload, .network): uploadsPerAddress
      case (.upload, .account): uploadsPerAccount
      }
    }
  }
}
