// Credentials never show themselves, however they are printed.

import S3Client
import Testing

struct S3CredentialsTests {
  /// Holds credentials as settings do.
  private struct Holder {
    let name = "holder"
    let credentials: S3Credentials
    let optional: S3Credentials?
  }

  @Test func `credentials print as stars in every way of printing`() {
    let credentials = S3Credentials(
      accessKey: "ACCESSKEY", secretKey: "SECRETKEY", sessionToken: "TOKEN")
    let holder = Holder(credentials: credentials, optional: credentials)
    var (dumped, dumpedHolder) = ("", "")
    dump(credentials, to: &dumped)
    dump(holder, to: &dumpedHolder)
    let texts = [
      "\(credentials)", String(describing: credentials), String(reflecting: credentials),
      "\(holder)", String(reflecting: holder), "\([credentials])", "\(credentials as Any)",
      String(reflecting: Mirror(reflecting: credentials).children.map(\.value)), dumped,
      dumpedHolder,
    ]
    for text in texts {
      #expect(text.contains("***"))
      for secret in ["ACCESSKEY", "SECRETKEY", "TOKEN"] { #expect(!text.contains(secret)) }
    }
  }

  @Test func `the parts of credentials can be read by the signer`() {
    let credentials = S3Credentials(accessKey: "a", secretKey: "b")
    #expect((credentials.accessKey, credentials.secretKey) == ("a", "b"))
    #expect(credentials.sessionToken == nil)
  }
}
