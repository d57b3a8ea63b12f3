// AWS's signing test suite (aws-c-auth), step by step.

import Foundation
import S3Client
import Testing

@Suite(
  .enabled(
    if: Corpora.exists(Corpora.suite), "needs the folder \(Corpora.suite.path), or ARCHIVE_CORPORA")
)
struct SigningSuiteTests {
  @Test func `every case of the suite is run, or left out for a reason of S3`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Corpora.suite.path)
    #expect(SuiteCase.all.map(\.name) == folders.sorted())
    // Whoever adds a case that is left out has to say so here.
    let leftOut = SuiteCase.all.filter { $0.reasonToLeaveOut != nil }.map(\.name)
    #expect(
      leftOut == [
        "get-relative-normalized", "get-relative-relative-normalized",
        "get-slash-dot-slash-normalized", "get-slash-normalized",
        "get-slash-pointless-dot-normalized", "get-slashes-normalized", "post-sts-header-after",
      ])
  }

  @Test(arguments: SuiteCase.all.filter { $0.reasonToLeaveOut != nil })
  func `a case that is left out is one that S3 signs otherwise`(suiteCase: SuiteCase) throws {
    let signer = try signer(suiteCase)
    let canonical = signer.canonicalRequest(headerRequest(suiteCase))
    #expect(try canonical != suiteCase.expected("header-canonical-request"))
  }

  @Test(arguments: SuiteCase.all.filter { $0.reasonToLeaveOut == nil })
  func `J3 each step of a signed header is as AWS's suite has it`(suiteCase: SuiteCase) throws {
    let signer = try signer(suiteCase)
    let request = headerRequest(suiteCase)
    let canonical = signer.canonicalRequest(request)
    #expect(try canonical == suiteCase.expected("header-canonical-request"))
    let text = signer.stringToSign(canonicalRequest: canonical)
    #expect(try text == suiteCase.expected("header-string-to-sign"))
    #expect(try signer.signature(stringToSign: text) == suiteCase.expected("header-signature"))
    let authorization = "Authorization:\(signer.authorization(for: request))\n"
    #expect(try suiteCase.expected("header-signed-request").contains(authorization))
  }

  @Test(arguments: SuiteCase.all.filter { $0.reasonToLeaveOut == nil })
  func `J3 each step of a signed query is as AWS's suite has it`(suiteCase: SuiteCase) throws {
    let signer = try signer(suiteCase)
    var request = bareRequest(suiteCase)
    let items = signer.presigned(request, expires: suiteCase.context.expirationInSeconds)
    request.query = items.dropLast()
    let canonical = signer.canonicalRequest(request)
    #expect(try canonical == suiteCase.expected("query-canonical-request"))
    let text = signer.stringToSign(canonicalRequest: canonical)
    #expect(try text == suiteCase.expected("query-string-to-sign"))
    #expect(try items.last?.value == suiteCase.expected("query-signature"))
    // The order of the items is not part of the signature; what they are is.
    let line = try suiteCase.expected("query-signed-request").split(separator: "\n")[0]
    let query = line.split(separator: "?")[1].dropLast(" HTTP/1.1".count)
    #expect(written(items) == written(SuiteCase.readQuery(String(query))))
  }

  private func written(_ items: [(name: String, value: String)]) -> [String] {
    items.map { "\($0.name)=\($0.value)" }.sorted()
  }

  private func signer(_ suiteCase: SuiteCase) throws -> SigV4 {
    let context = suiteCase.context
    let instant = try #require(S3Instant(iso8601: context.timestamp))
    let credentials = S3Credentials(
      accessKey: context.credentials.accessKeyId,
      secretKey: context.credentials.secretAccessKey, sessionToken: context.credentials.token)
    return SigV4(
      credentials: credentials, region: context.region, service: context.service, at: instant)
  }

  private func bareRequest(_ suiteCase: SuiteCase) -> SigV4Request {
    SigV4Request(
      method: suiteCase.method, path: PercentEncoding.path(suiteCase.path),
      query: suiteCase.query, headers: suiteCase.headers,
      payloadHash: SigV4.payloadHash(suiteCase.body))
  }

  /// What `SigV4.signed` does for S3, but for the payload hash, which other services have in no header.
  private func headerRequest(_ suiteCase: SuiteCase) -> SigV4Request {
    var request = bareRequest(suiteCase)
    if suiteCase.context.signBody {
      request.headers.append(("x-amz-content-sha256", request.payloadHash))
    }
    request.headers.append(("X-Amz-Date", "20150830T123600Z"))
    if let token = suiteCase.context.credentials.token {
      request.headers.append(("X-Amz-Security-Token", token))
    }
    return request
  }
}
