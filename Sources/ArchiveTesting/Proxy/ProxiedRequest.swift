// A request as the proxy saw it: for predicates, and for a test to look at afterwards.

/// One request that reached a `FaultyProxy`, and what became of it.
public struct ProxiedRequest: Sendable {
  /// 1, 2, 3 … in the order in which heads arrived.
  public let number: Int
  public let method: String
  /// Path and query as on the wire.
  public let target: String
  /// Fields in the order of the wire.
  public let headers: [(name: String, value: String)]
  /// What it was made to suffer.
  public internal(set) var fault: ProxyFault?
  /// The status of the reply, the server's or the proxy's; `nil` where there was none, or none yet.
  /// It may be known here and lost to the client.
  public internal(set) var status: Int?

  /// The target without its query, percent-encoded.
  public var path: String { String(target.prefix { $0 != "?" }) }
  /// What is behind the question mark, percent-encoded; empty where there is none.
  public var query: String { String(target.dropFirst(path.count + 1)) }

  /// The first value of a field, whatever the case of its name.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}
