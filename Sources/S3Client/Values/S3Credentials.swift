// The key pair that signs requests. It never shows itself.

/// An access key, its secret, and the session token of temporary credentials.
///
/// However it is printed (interpolation, `String(reflecting:)`, `dump`, an error that carries it), only stars come
/// out; the three parts are readable inside this package alone.
public struct S3Credentials: Sendable {
  package let accessKey: String
  package let secretKey: String
  package let sessionToken: String?

  public init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
    (self.accessKey, self.secretKey, self.sessionToken) = (accessKey, secretKey, sessionToken)
  }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "S3Credentials(***)" }
  public var debugDescription: String { description }

  /// What `dump` and every other user of reflection sees instead of the stored parts.
  public var customMirror: Mirror {
    Mirror(self, children: ["accessKey": "***", "secretKey": "***", "sessionToken": "***"])
  }
}
