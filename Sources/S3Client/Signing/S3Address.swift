// Where a bucket or an object lies: what goes into the Host header, the path, and the URL.

/// The address of one request. Its path is encoded once and signed as it is sent, `.`, `..` and `//` included.
package struct S3Address: Sendable {
  /// The value of the Host header.
  package let authority: String
  /// Encoded, beginning with `/`.
  package let path: String
  private let scheme: String

  /// - Parameters:
  ///   - bucket: already checked; `nil` for the service itself.
  ///   - key: as the caller names it, not encoded.
  package init(endpoint: S3Endpoint, addressing: S3Addressing, bucket: String?, key: String?) {
    scheme = endpoint.scheme
    var path = endpoint.basePath
    if let bucket, addressing == .virtualHost, !endpoint.isAddress {
      authority = endpoint.authority(host: "\(bucket).\(endpoint.host)")
    } else {
      authority = endpoint.authority
      if let bucket { path += "/" + PercentEncoding.path(bucket) }
    }
    if let key { path += "/" + PercentEncoding.path(key) }
    self.path = path.isEmpty ? "/" : path
  }

  /// The whole URL with a query of raw names and values; a name without a value is written `name=`, as it is signed.
  package func url(query: [(String, String)] = []) -> String {
    var url = "\(scheme)://\(authority)\(path)"
    var separator = "?"
    for (name, value) in query {
      url += separator + PercentEncoding.query(name) + "=" + PercentEncoding.query(value)
      separator = "&"
    }
    return url
  }
}
