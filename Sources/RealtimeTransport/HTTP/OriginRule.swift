// Which web pages may connect.

/// Decides by the `Origin` of a request. Programs that are no web page send none.
package struct OriginRule: Sendable {
  /// Any page may. Sign-in is by token, never by cookie, so another page has nothing to steal.
  package var allowsAny = false
  /// Pages of the host that the request itself is for may.
  package var allowsSameHost = true
  /// `scheme://host[:port]`, in lower case.
  package var allowed: Set<String> = []
  /// Requests without an `Origin` may.
  package var allowsMissing = true

  package init() {}

  /// Whether a request with these headers may connect. `host` is what the request is for.
  func admits(_ origins: [String], host: String?) -> Bool {
    guard let origin = origins.first else { return allowsMissing }
    guard origins.count == 1 else { return false }
    if allowsAny { return true }
    let lower = origin.lowercased()
    if allowed.contains(lower) { return true }
    // `null` is what a sandboxed or a local page has: nobody in particular.
    guard allowsSameHost, let host, let split = lower.firstRange(of: "://") else { return false }
    let scheme = lower[..<split.lowerBound]
    return (scheme == "http" || scheme == "https")
      && lower[split.upperBound...] == host.lowercased()
  }
}
