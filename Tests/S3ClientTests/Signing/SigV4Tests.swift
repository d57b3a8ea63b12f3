// What the examples of others do not cover of signing.

import S3Client
import Testing

struct SigV4Tests {
  private let credentials = S3Credentials(accessKey: "AK", secretKey: "SK")
  private let instant = S3Instant(milliseconds: 1_369_353_600_000)

  private func lines(_ headers: [(name: String, value: String)]) -> [String] {
    let signer = SigV4(credentials: credentials, region: "us-east-1", at: instant)
    let request = SigV4Request(method: "GET", path: "/", headers: headers)
    return signer.canonicalRequest(request).split(separator: "\n").map(String.init)
  }

  @Test func `headers that intermediaries change are not signed`() {
    let lines = lines([
      ("Host", "h"), ("User-Agent", "u"), ("Expect", "100-continue"), ("Connection", "close"),
      ("Accept-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Range", "bytes=0-1"),
      ("Content-Type", "text/plain"), ("If-None-Match", "*"),
    ])
    #expect(lines.contains("content-type;host;if-none-match;range"))
    #expect(!lines.contains { $0.hasPrefix("user-agent") || $0.hasPrefix("expect") })
  }

  @Test(arguments: [
    ("a", "a"), ("", ""), (" ", ""), ("  a  ", "a"), ("a  b", "a b"), ("a b", "a b"),
    ("a\tb", "a b"), ("\t a \t  b\t", "a b"), ("\"a   b\"", "\"a b\""), ("a\r\n b", "a b"),
    ("ä  ö", "ä ö"), ("a ", "a"), (" a", "a"),
  ])
  func `blanks in a header's value are folded`(value: String, folded: String) {
    #expect(lines([("host", "h"), ("x-amz-meta-a", value)]).contains("x-amz-meta-a:\(folded)"))
  }

  @Test func `values under one name are joined in the order of sending`() {
    let many = (1...40).map { (name: $0 % 2 == 0 ? "X-A" : "x-a", value: String($0)) }
    let joined = (1...40).map(String.init).joined(separator: ",")
    #expect(lines([("host", "h")] + many).contains("x-a:\(joined)"))
  }

  @Test func `a query is sorted by its encoded form, then by value`() {
    let signer = SigV4(credentials: credentials, region: "us-east-1", at: instant)
    let request = SigV4Request(
      method: "GET", path: "/b",
      query: [("b", "2"), ("b", "10"), ("a!", ""), ("a-", "x y+z/ü"), ("ä", "1"), ("B", "")],
      headers: [("host", "h")])
    // Raw, "!" comes before "-"; encoded, "%" does as well, and behind letters nothing changes but the umlaut.
    #expect(
      signer.canonicalRequest(request).split(separator: "\n")[2]
        == "%C3%A4=1&B=&a%21=&a-=x%20y%2Bz%2F%C3%BC&b=10&b=2")
  }

  @Test func `J3 response overrides are part of a presigned URL, its signature comes last`() {
    let signer = SigV4(credentials: credentials, region: "us-east-1", at: instant)
    let items = signer.presigned(
      SigV4Request(
        method: "GET", path: "/b/k", query: [("response-content-type", "text/plain; a=b")],
        headers: [("host", "h")], payloadHash: SigV4.unsignedPayload),
      expires: 60)
    #expect(items.first?.name == "response-content-type")
    #expect(items.last?.name == "X-Amz-Signature")
    #expect(items.contains { $0 == ("X-Amz-Expires", "60") })
    let other = signer.presigned(
      SigV4Request(
        method: "GET", path: "/b/k", query: [("response-content-type", "text/html")],
        headers: [("host", "h")], payloadHash: SigV4.unsignedPayload),
      expires: 60)
    #expect(items.last?.value != other.last?.value)
  }

  @Test(arguments: [(Int.min, "1"), (0, "1"), (604_800, "604800"), (Int.max, "604800")])
  func `a presigned URL lives between a second and seven days`(seconds: Int, written: String) {
    let signer = SigV4(credentials: credentials, region: "us-east-1", at: instant)
    let request = SigV4Request(method: "GET", path: "/b/k", headers: [("host", "h")])
    let items = signer.presigned(request, expires: seconds)
    #expect(items.contains { $0 == ("X-Amz-Expires", written) })
  }

  @Test func `a key that was kept for the day signs as a fresh one does`() {
    let key = SigningKey(credentials: credentials, region: "r", day: instant.day)
    let kept = SigV4(credentials: credentials, key: key, at: instant)
    let fresh = SigV4(credentials: credentials, region: "r", at: instant)
    let request = SigV4Request(method: "GET", path: "/b/k", headers: [("host", "h")])
    #expect(kept.authorization(for: request) == fresh.authorization(for: request))
    #expect(kept.authorization(for: request).contains("Credential=AK/20130524/r/s3/aws4_request,"))
  }

  @Test func `a signed request carries date, hash, token and authorization`() {
    let temporary = S3Credentials(accessKey: "AK", secretKey: "SK", sessionToken: "TOK")
    let signer = SigV4(credentials: temporary, region: "r", at: instant)
    let signed = signer.signed(
      SigV4Request(
        method: "PUT", path: "/b/k", headers: [("host", "h")],
        payloadHash: SigV4.payloadHash([])))
    #expect(
      signed.headers.map(\.name) == [
        "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "authorization",
      ])
    #expect(
      signed.headers.last?.value.contains(
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") == true)
    #expect(SigV4.payloadHash([]) == SigV4.emptyPayloadHash)
  }

  @Test func `a signing key shows its scope and no key`() {
    let key = SigningKey(credentials: credentials, region: "r", day: "20130524")
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] {
      #expect(text.contains("20130524/r/s3/aws4_request") && text.contains("***"))
      #expect(!text.contains("SymmetricKey"))
    }
  }
}
