// A multipart upload by its two names.

/// What the steps of one multipart upload refer to. It lives on the server until it is completed or aborted.
public struct S3Upload: Sendable, Hashable {
  public let key: String
  /// Chosen by the server; no secret, but of no use to others.
  public let id: String

  public init(key: String, id: String) { (self.key, self.id) = (key, id) }
}
