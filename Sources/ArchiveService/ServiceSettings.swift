// The limits and times of the service, as data. Reading them from a file is the executable's work.

/// Everything about the service that an operator or a test may set.
public struct ServiceSettings: Sendable {
  public var http = HTTP()
  public var auth = Auth()
  public var conversations = Conversations()
  public var messages = Messages()
  public var mail = Mail()
  public var alerts = Alerts()
  public var limits = Limits()
  public var audit = Audit()
  public var archives = Archives()
  public var realtime = Realtime()
  public var uploads = Uploads()
  public var links = Links()
  public var pictures = Pictures()
  public var scanning = Scanning()

  public init() {}
}

extension ServiceSettings {
  /// Where it listens, and what bounds a connection, a request and a drain.
  public struct HTTP: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port = 8080
    /// What makes the server speak HTTPS.
    public var tls = TLSFiles()
    /// What links begin with; `nil`: `http://` or `https://`, host and port.
    public var publicURL: String?
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [IPNetwork] = []

    /// The head of the first request must be complete that long after the connection was made.
    public var headerDeadline: Duration = .seconds(10)
    /// The head of the next request on a connection must be complete that long after the last answer.
    public var idleTimeout: Duration = .seconds(60)
    /// A body must be complete that long after its head.
    public var bodyDeadline: Duration = .seconds(30)
    /// A client that takes less than 16 KiB of an answer, or of its rest, in that time is cut off.
    public var writeDeadline: Duration = .seconds(30)
    /// A connection that ends with an error still reads that long, so that the client sees the answer.
    public var lingerDeadline: Duration = .seconds(1)
    /// Requests in flight at shutdown have that long to finish.
    public var drainDeadline: Duration = .seconds(20)
    /// A store that does not answer a readiness check in that time counts as down.
    public var readinessDeadline: Duration = .seconds(2)

    public var connectionLimit = 25_000
    public var backlog = 4096
    public var headerLimitBytes = 32 << 10
    public var headerLimitCount = 100
    /// The body of any request, before the share that message texts get on their own routes.
    public var bodyLimitBytes = 64 << 10

    public init() {}

    var scheme: String { tls.certificate == nil ? "http" : "https" }
  }

  /// PEM files, read once at the start: both, or none for HTTP.
  public struct TLSFiles: Sendable, Hashable {
    /// The server's certificate, and those between it and one that clients trust.
    public var certificate: String?
    public var key: String?

    public init() {}
  }

  /// Tokens, sessions and passwords.
  public struct Auth: Sendable {
    /// What the keys of access tokens are derived from; at least 32 bytes.
    public var secret = Secret([])
    public var accessTokenLifetime: Duration = .seconds(15 * 60)
    public var refreshTokenLifetime: Duration = .seconds(30 * 24 * 3600)
    /// How far the clocks of two nodes may differ, for the time a token was issued.
    public var clockLeeway: Duration = .seconds(60)
    public var issuer = "chat-archive-service"
    public var audience = "chat-archive-service/api"
    /// An ended session's access token stays valid for at most that long, on nodes that do not hear of the end.
    public var sessionCacheLifetime: Duration = .seconds(1)
    public var sessionCacheLimit = 20_000
    /// A key that signs access tokens is followed by a new one after that time.
    public var signingKeyLifetime: Duration = .seconds(90 * 86_400)
    /// Sessions of one user; beyond them the oldest ends.
    public var sessionLimit = 100
    /// How long the link of a letter of confirmation is good.
    public var confirmationLifetime: Duration = .seconds(3 * 86_400)
    /// How long the link to a new password is good.
    public var resetLifetime: Duration = .seconds(3600)
    /// Sessions, and accounts, on a page of a list.
    public var pageLimit = 200

    public var passwordCost = PasswordCost()
    /// How many passwords are hashed at once; each takes 128 MiB at the default cost.
    public var passwordThreads = 2
    /// How many may wait for that; more are refused with 503.
    public var passwordQueueLimit = 64

    public init() {}
  }

  /// scrypt's parameters: N = 2^`logRounds`, r and p. The default is OWASP's first choice.
  public struct PasswordCost: Sendable, Hashable {
    public var logRounds = 17
    public var blockSize = 8
    public var parallelism = 1

    public init(logRounds: Int = 17, blockSize: Int = 8, parallelism: Int = 1) {
      (self.logRounds, self.blockSize, self.parallelism) = (logRounds, blockSize, parallelism)
    }
  }

  /// What bounds conversations.
  public struct Conversations: Sendable {
    /// Members of a group besides the one who opens it.
    public var groupLimit = 200
    /// More members than any conversation has: what is read of one at most.
    var memberLimit: Int { max(groupLimit + 1, 1000) }
    /// Whether customers, and those who are not staff, may write to customers.
    public var customersMayMeet = false
    /// Support conversations that one user may have open at once.
    public var requestLimit = 10
    /// Places that one request of a search may look at.
    public var searchBudget = 1000
    public var pageLimit = 100
    /// Sends of one window move their conversations up the lists in one write.
    public var activityWindow: Duration = .seconds(5)
    /// Conversations whose activity may wait to be written.
    public var activityLimit = 10_000

    public init() {}
  }

  /// What bounds messages.
  public struct Messages: Sendable {
    public var textLimitBytes = 64 << 10
    public var pageLimit = 200

    public init() {}
  }
}

extension ServiceSettings {
  /// The audit log.
  public struct Audit: Sendable {
    /// Entries are forgotten after that time.
    public var retention: Duration = .seconds(365 * 86_400)
    /// Entries on a page of the list.
    public var pageLimit = 200

    public init() {}
  }
}
