// The S3 servers that the environment names for tests.

import CurlHTTP
import Foundation
public import Logging
public import S3Client

/// A real server, by `ARCHIVE_TEST_S3_ENDPOINT`, `…_ACCESS_KEY`, `…_SECRET_KEY` and perhaps `…_CA_FILE`, or the same
/// with `S3B`.
public struct TestS3Server: Sendable, CustomStringConvertible {
  public let description: String
  public let endpoint: String
  public let accessKey: String
  public let secretKey: String
  /// For a server with a certificate of its own.
  public let certificateAuthorityFile: String?

  /// The main server; `nil` where the environment names none.
  public static let first = TestS3Server("first server", "ARCHIVE_TEST_S3")
  /// Another brand, so that no server's habit becomes our rule.
  public static let second = TestS3Server("second server", "ARCHIVE_TEST_S3B")
  public static let all = [first, second].compactMap(\.self)
  /// The main server by its https port, with a certificate of its own: `…_TLS_ENDPOINT` and `…_TLS_CA_FILE`.
  public static let overTLS = TestS3Server("first server over TLS", "ARCHIVE_TEST_S3", port: "_TLS")

  /// What a skipped test says.
  public static let wanted =
    "needs a server: set ARCHIVE_TEST_S3_ENDPOINT, ARCHIVE_TEST_S3_ACCESS_KEY and ARCHIVE_TEST_S3_SECRET_KEY"
  public static let wantedSecond =
    "needs a second server: set ARCHIVE_TEST_S3B_ENDPOINT, ARCHIVE_TEST_S3B_ACCESS_KEY and ARCHIVE_TEST_S3B_SECRET_KEY"

  /// The server in which the tests of the main job keep their objects: with `ARCHIVE_TEST_ENGINE=s3` or `mongo+s3`
  /// the first one; `nil` leaves them in directories and memory.
  public static let engine: TestS3Server? = {
    let engine = ProcessInfo.processInfo.environment["ARCHIVE_TEST_ENGINE"] ?? ""
    return engine.split(separator: "+").contains("s3") ? first : nil
  }()

  private init?(_ description: String, _ variable: String, port: String = "") {
    let environment = ProcessInfo.processInfo.environment
    guard let endpoint = environment[variable + port + "_ENDPOINT"],
      let accessKey = environment[variable + "_ACCESS_KEY"],
      let secretKey = environment[variable + "_SECRET_KEY"]
    else { return nil }
    (self.description, self.endpoint) = (description, endpoint)
    (self.accessKey, self.secretKey) = (accessKey, secretKey)
    certificateAuthorityFile = environment[variable + port + "_CA_FILE"]
  }

  /// What a client of it is made of; `through` is the endpoint of something in between.
  public func settings(through other: String? = nil) throws -> S3Settings {
    guard let endpoint = S3Endpoint(other ?? endpoint) else { throw WrongEndpoint() }
    var settings = S3Settings(
      endpoint: endpoint,
      credentials: S3Credentials(accessKey: accessKey, secretKey: secretKey))
    settings.http.certificateAuthorityFile = certificateAuthorityFile
    return settings
  }

  public func client(
    through other: String? = nil, logger: Logger = silent,
    _ change: (inout S3Settings) -> Void = { _ in }
  ) throws -> S3Client {
    var settings = try settings(through: other)
    change(&settings)
    return try S3Client(settings: settings, logger: logger)
  }

  /// Settings of `archive-service` as environment variables.
  public func variables(bucket: String, prefix: String) -> [String: String] {
    [
      "ARCHIVE_S3_ENDPOINT": endpoint, "ARCHIVE_S3_BUCKET": bucket, "ARCHIVE_S3_PREFIX": prefix,
      "ARCHIVE_S3_ACCESSKEY": accessKey, "ARCHIVE_S3_SECRETKEY": secretKey,
    ]
  }

  public static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private struct WrongEndpoint: Error {}
}
