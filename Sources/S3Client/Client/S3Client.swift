// The client for one S3 server.

import CurlHTTP
public import Logging

/// Speaks to one S3 server with one key pair, over one pool of connections. Safe from any task.
///
/// Requests are signed (SigV4), sent again by the rules of `S3Retries` where that is harmless, and judged; what the
/// server tells of its region and clock is learnt on the way. Redirects are never followed, because what they name
/// would receive signed requests.
public final class S3Client: Sendable {
  let settings: S3Settings
  let surroundings: S3Surroundings
  let logger: Logger
  let http: CurlClient
  let budget: RetryBudget
  let facts: LearntFacts

  /// Connects to nothing yet. Throws `invalidRequest` for settings that no client can work with.
  ///
  /// - Parameter logger: gets a line at debug level for each repetition; never keys, queries or secrets.
  public init(
    settings: S3Settings, surroundings: S3Surroundings = .live, logger: Logger
  ) throws(S3Error) {
    try settings.check()
    do { http = try CurlClient(settings: settings.http) } catch { throw S3Error(error) }
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
    budget = RetryBudget(capacity: settings.retries.budget)
    facts = LearntFacts(region: settings.region)
  }

  /// A bucket of the server, which need not exist yet. Throws `invalidRequest` for a name that no bucket can have.
  public func bucket(_ name: String) throws(S3Error) -> S3Bucket {
    guard BucketName.isValid(name) else {
      throw S3Error(
        .invalidRequest, "no bucket can have this name bucket=`\(S3Error.shown(name))`",
        hint: "3 to 63 lower-case letters, digits, dots and hyphens")
    }
    return S3Bucket(client: self, name: name)
  }

  /// What was learnt from the answers so far.
  public var observations: S3Observations { facts.observations }

  /// Breaks off what is under way; later requests throw `closed`. More than once is harmless.
  public func close() async { await http.close() }
}
