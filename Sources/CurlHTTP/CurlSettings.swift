// What a client of libcurl may use: connections, memory, time, trust.

/// The limits and surroundings of one `CurlClient`; every one has a default that is safe.
public struct CurlSettings: Sendable {
  /// Connections open at once, idle ones included. Requests above it wait for one.
  public var connectionLimit = 64
  /// Requests waiting or under way; one more is refused with `CurlError.Kind.busy`.
  public var requestLimit = 1024
  /// Memory for bytes on the way, per request and direction. A reader or a source that is slower stops the transfer until there is room.
  public var bufferBytes = 256 << 10
  /// The most bytes of response head that are taken.
  public var headLimitBytes = 64 << 10
  /// For requests that bring none of their own.
  public var deadlines = CurlDeadlines()
  /// A file of PEM certificates to trust instead of the system's.
  public var certificateAuthorityFile: String?
  /// `http://host:port` of a proxy. Unset means none: what the environment says of proxies is not read.
  public var proxy: String?
  /// Where the request has no such header.
  public var userAgent = "chat-archive-service"

  /// The defaults.
  public init() {}
}

/// How long the steps of one request may take.
public struct CurlDeadlines: Sendable {
  /// Until a connection stands, names resolved and TLS agreed.
  public var connect = Duration.seconds(10)
  /// From the last byte sent to the first byte of the answer.
  public var firstByte = Duration.seconds(30)
  /// The longest time in which less than `stallBytes` move while neither side waits for us.
  public var stall = Duration.seconds(30)
  /// See `stall`; body and head, both directions together.
  public var stallBytes = 1024
  /// The whole request with its answer; `nil` for no end, as large objects need.
  public var total: Duration?

  /// The defaults.
  public init() {}
}
