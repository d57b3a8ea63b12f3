// The key that signs for one day, one region, one service.

import Crypto

/// The fourth key of SigV4's chain. Deriving it costs four HMACs, so whoever signs often keeps it for the day.
package struct SigningKey: Sendable {
  /// `20130524`.
  package let day: String
  package let region: String
  package let service: String
  /// `20130524/us-east-1/s3/aws4_request`.
  package let scope: String
  let key: SymmetricKey

  package init(credentials: S3Credentials, region: String, service: String = "s3", day: String) {
    (self.day, self.region, self.service) = (day, region, service)
    scope = "\(day)/\(region)/\(service)/aws4_request"
    var key = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
    for part in [day, region, service, "aws4_request"] {
      key = SymmetricKey(data: Self.authenticate(part, key))
    }
    self.key = key
  }

  static func authenticate(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
    HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
  }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "SigningKey(\(scope), ***)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["scope": scope, "key": "***"]) }
}
