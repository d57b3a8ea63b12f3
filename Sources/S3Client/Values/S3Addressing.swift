// Where the bucket's name stands in a request.

/// How a bucket is named on the wire. Servers of one's own speak path style; AWS and some others want the host.
public enum S3Addressing: String, Sendable, CaseIterable {
  /// `https://host/bucket/key`.
  case path
  /// `https://bucket.host/key`. An endpoint that is an IP address is addressed by path all the same.
  case virtualHost
}
