// How a client reaches a server, and what it may use on the way.

public import CurlHTTP

/// The settings of one `S3Client`; every one but endpoint and credentials has a default that is safe.
public struct S3Settings: Sendable {
  public var endpoint: S3Endpoint
  public var credentials: S3Credentials
  /// Where browsers reach the server, when that is not where we do. Presigned URLs are made for it.
  public var publicEndpoint: S3Endpoint?
  /// The region in signatures. `auto` and the empty text stand for one that the server tells.
  public var region = "us-east-1"
  public var addressing: S3Addressing = .path
  /// The size of a part of a multipart upload, raised where an object needs more than 10,000 of them.
  /// An upload needs `partBytes` × `parallelParts` of memory.
  public var partBytes = 8 << 20
  public var parallelParts = 4
  /// The most bytes of an upload whose length is not known when it begins.
  public var streamLimitBytes: Int64 = 64 << 30
  public var retries = S3Retries()
  public var http = CurlSettings()
  /// Whether the SHA-256 of payloads is signed. `false` is honoured over TLS only.
  public var signsPayload = true
  /// The largest XML answer that is read.
  public var answerLimitBytes = 16 << 20

  public init(endpoint: S3Endpoint, credentials: S3Credentials) {
    (self.endpoint, self.credentials) = (endpoint, credentials)
  }
}

extension S3Settings {
  /// The first setting that no client can work with.
  func check() throws(S3Error) {
    let limits: [(name: String, isRight: Bool, bounds: String)] = [
      ("partBytes", (5 << 20...5 << 30).contains(partBytes), "5 MiB to 5 GiB"),
      ("parallelParts", (1...64).contains(parallelParts), "1 to 64"),
      ("streamLimitBytes", (1...5 << 40).contains(streamLimitBytes), "1 byte to 5 TiB"),
      ("answerLimitBytes", (64 << 10...1 << 30).contains(answerLimitBytes), "64 KiB to 1 GiB"),
      ("retries.attempts", (1...100).contains(retries.attempts), "1 to 100"),
      ("retries.budget", (0...1_000_000).contains(retries.budget), "0 to 1,000,000"),
    ]
    for limit in limits where !limit.isRight {
      throw S3Error(
        .invalidRequest, "a setting is out of bounds setting=`\(limit.name)`",
        hint: "choose \(limit.bounds)")
    }
  }
}
