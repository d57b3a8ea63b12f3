// Methods of the protocol.

/// What a request does (tus 1.0.0, «Core protocol» and «X-HTTP-Method-Override»).
package enum TusMethod: String, Sendable, CaseIterable {
  case options = "OPTIONS"
  case head = "HEAD"
  case post = "POST"
  case patch = "PATCH"
  case delete = "DELETE"

  /// `nil` for another method: 405.
  ///
  /// - Parameters:
  ///   - method: of the request.
  ///   - override: the field `X-HTTP-Method-Override`, which clients send whose surroundings let only POST through. It
  ///     counts with POST alone, so that a request that looks like a read never changes anything.
  package init?(_ method: String, override: String?) {
    let text = method == "POST" ? override ?? method : method
    self.init(rawValue: text)
  }
}
