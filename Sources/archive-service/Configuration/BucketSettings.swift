// What an operator says about the bucket.

import ArchiveService
import CurlHTTP
import Foundation
import S3Client
import S3Store

/// The settings `s3.…`. Without an endpoint the objects lie in the data directory.
struct BucketSettings: Sendable {
  var endpoint: S3Endpoint?
  var publicEndpoint: S3Endpoint?
  var region = "us-east-1"
  var bucket: String?
  /// Empty, or ending in `/`.
  var prefix = ""
  var accessKey: Secret?
  var secretKey: Secret?
  var sessionToken: Secret?
  var pathStyle = true
  var conditionalWrites = ConditionalWritesChoice.probe
  var signsPayload = true
  var partBytes = 8 << 20
  var parallelParts = 4
  var connectionLimit = 64
  var connectTimeout = Duration.seconds(10)
  var answerTimeout = Duration.seconds(30)
  var caFile: String?
  var proxy: String?

  /// What is missing or pointless in this combination, told with the keys.
  var contradictions: [String] {
    guard let endpoint else {
      return withoutDefault.filter(\.isSet).map {
        "\($0.name) is set without s3.endpoint: set s3.endpoint to keep objects in a bucket, or remove \($0.name)"
      }
    }
    var found = withoutDefault.prefix(3).filter { !$0.isSet }.map {
      "s3.endpoint is set without \($0.name), which a bucket needs"
    }
    if !signsPayload, !endpoint.isTLS {
      found.append(
        "s3.signsPayload is false while s3.endpoint is http: nothing would guard bodies on their way"
      )
    }
    if caFile != nil, !endpoint.isTLS {
      found.append("s3.caFile is set while s3.endpoint is http: nothing would use it")
    }
    return found
  }

  /// Keys that mean nothing without an endpoint; the first three are needed with one.
  private var withoutDefault: [(name: String, isSet: Bool)] {
    [
      ("s3.bucket", bucket != nil), ("s3.accessKey", accessKey != nil),
      ("s3.secretKey", secretKey != nil), ("s3.sessionToken", sessionToken != nil),
      ("s3.publicEndpoint", publicEndpoint != nil), ("s3.prefix", !prefix.isEmpty),
      ("s3.caFile", caFile != nil), ("s3.proxy", proxy != nil),
    ]
  }

  /// What the client is made of; `nil` without an endpoint and its three keys.
  var client: (settings: S3Settings, bucket: String)? {
    guard let endpoint, let bucket, let accessKey, let secretKey else { return nil }
    var settings = S3Settings(
      endpoint: endpoint,
      credentials: S3Credentials(
        accessKey: accessKey.text, secretKey: secretKey.text, sessionToken: sessionToken?.text))
    settings.publicEndpoint = publicEndpoint
    settings.region = region
    settings.addressing = pathStyle ? .path : .virtualHost
    settings.signsPayload = signsPayload
    settings.partBytes = partBytes
    settings.parallelParts = parallelParts
    settings.http.connectionLimit = connectionLimit
    settings.http.deadlines.connect = connectTimeout
    settings.http.deadlines.firstByte = answerTimeout
    settings.http.deadlines.stall = answerTimeout
    settings.http.certificateAuthorityFile = caFile
    settings.http.proxy = proxy
    return (settings, bucket)
  }
}

/// The forms of `s3.conditionalWrites`.
enum ConditionalWritesChoice: String, CaseIterable, Sendable {
  case probe, off

  var forStore: ConditionalWrites {
    switch self {
    case .probe: .probe
    case .off: .unsupported
    }
  }
}

extension Secret {
  /// For the one who has to sign with it; never for a log.
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
