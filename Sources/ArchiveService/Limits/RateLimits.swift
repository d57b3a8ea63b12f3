// Refuses callers who ask too often, and tells all callers where they stand.

import ArchiveCore
import HTTPTypes
import Synchronization

/// The limits of one node, in memory: after a restart everybody starts anew.
///
/// Threads: any; the mutex guards the table and the counts.
final class RateLimits: Sendable {
  private struct State {
    var table: RateTable
    var refusals: [RateRule: Int] = [:]
  }

  private let settings: ServiceSettings.Limits
  private let uptime: @Sendable () -> Duration
  private let state: Mutex<State>

  init(settings: ServiceSettings.Limits, surroundings: Surroundings) {
    self.settings = settings
    uptime = surroundings.uptime
    state = Mutex(State(table: RateTable(limit: settings.subjectLimit)))
  }

  /// Counts a request against the limits of its endpoint: the caller's address, and the account
  /// where there is one. Throws `tooMany`, and then it counts against none.
  func admit(_ endpoint: Endpoint, _ context: ServiceContext, _ caller: Caller? = nil) throws {
    guard let rule = endpoint.rateRule else { return }
    var subjects = [RateSubject.network(context.origin.address?.subscriberNetwork)]
    if let caller { subjects.append(.account(AccountKey(caller.userID))) }
    try admit(rule, subjects, context.standings)
  }

  /// Counts an event of a socket against the limits of what it does.
  func admit(_ rule: RateRule, from network: IPNetwork?, _ caller: Caller) throws {
    try admit(rule, [.network(network), .account(AccountKey(caller.userID))], nil)
  }

  /// Counts against the limit of an account alone: of one that is named in a body, or that was just
  /// found out. Throws `tooMany`.
  func admit(_ rule: RateRule, _ account: AccountKey, _ standings: RateStandings? = nil) throws {
    try admit(rule, [.account(account)], standings)
  }

  private func admit(_ rule: RateRule, _ subjects: [RateSubject], _ standings: RateStandings?)
    throws
  {
    let claims = subjects.compactMap { subject in
      settings.rate(rule, of: subject).map { (RateKey(rule: rule, subject: subject), $0) }
    }
    guard !claims.isEmpty else { return }
    let now = uptime()
    let outcome = state.withLock { state in
      let outcome = state.table.admit(claims, at: now)
      if !outcome.isAdmitted { state.refusals[rule, default: 0] += 1 }
      return outcome
    }
    standings?.note(outcome.standings)
    guard !outcome.isAdmitted else { return }
    let wait = outcome.standings.filter { $0.remaining == 0 }.map(\.wait).max() ?? .zero
    throw ServiceError(
      .tooMany, "too many requests of this kind, try again later",
      retryAfter: .seconds(wait.wholeSecondsUp))
  }

  /// Counts for `/metrics`.
  var samples: [MetricSample] {
    let (refusals, subjects) = state.withLock { ($0.refusals, $0.table.count) }
    return RateRule.allCases.map { rule in
      MetricSample(
        name: "archive_limits_refused_\(rule.metricName)", help: "Requests refused as too many.",
        value: Double(refusals[rule] ?? 0))
    } + [
      MetricSample(
        name: "archive_limits_subjects", help: "Addresses and accounts that limits remember.",
        value: Double(subjects))
    ]
  }
}

extension RateRule {
  fileprivate var metricName: String {
    switch self {
    case .signIn: "sign_ins"
    case .signUp: "sign_ups"
    case .mail: "mails"
    case .search: "searches"
    case .send: "sends"
    case .download: "downloads"
    case .upload: "uploads"
    }
  }
}

extension Duration {
  /// Whole seconds, rounded up, at least one: what `Retry-After` can say.
  var wholeSecondsUp: Int64 {
    let (seconds, rest) = components
    return max(1, rest > 0 && seconds < .max ? seconds + 1 : seconds)
  }
}
