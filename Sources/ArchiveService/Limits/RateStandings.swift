// The limits that one request counts against, on their way into the head of its answer.

import HTTPTypes
import Synchronization

/// Gathers standings from wherever a request is counted, for the outermost middleware.
///
/// The fields are those of draft-ietf-httpapi-ratelimit-headers, which the IETF's HTTPAPI group works on:
/// `RateLimit-Policy: "send-account";q=240;w=60` (so many in so many seconds) and
/// `RateLimit: "send-account";r=239;t=1` (so many left; until there is one more, or all are back).
final class RateStandings: Sendable {
  private let all = Mutex<[RateStanding]>([])

  func note(_ standings: [RateStanding]) { all.withLock { $0 += standings } }

  func write(to headers: inout HTTPFields) {
    let standings = all.withLock { $0 }
    guard !standings.isEmpty else { return }
    headers[.rateLimitPolicy] = standings.map { standing in
      "\(standing.name);q=\(standing.rate.count);w=\(standing.rate.period.wholeSecondsUp)"
    }.joined(separator: ", ")
    headers[.rateLimit] = standings.map { standing in
      "\(standing.name);r=\(standing.remaining);t=\(standing.wait.wholeSecondsUp)"
    }.joined(separator: ", ")
  }
}

extension RateStanding {
  /// A string of structured fields (RFC 9651): the name of the limit and what it counts.
  fileprivate var name: String {
    let subject =
      switch key.subject {
      case .network: "address"
      case .account: "account"
      }
    return "\"\(key.rule.rawValue)-\(subject)\""
  }
}

extension HTTPField.Name {
  static let rateLimit = field("RateLimit")
  static let rateLimitPolicy = field("RateLimit-Policy")
}
