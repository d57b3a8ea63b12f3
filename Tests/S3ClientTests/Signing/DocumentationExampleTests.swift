// The examples of the S3 documentation, step by step.

import Foundation
import S3Client
import Testing

/// Every request of the documentation, the one that opens a chunked upload included. The chunks behind that one are
/// left out: this client never sends `aws-chunked`, so it has no step that signs a chunk.
@Suite(
  .enabled(
    if: Corpora.exists(Corpora.documentation),
    "needs the folder \(Corpora.documentation.path), or ARCHIVE_CORPORA"))
struct DocumentationExampleTests {
  @Test func `the examples of the S3 documentation are there to be compared`() throws {
    let all = try #require(DocumentationExamples.all)
    #expect(all.examples.count >= 6)
    #expect(all.examples.contains { $0.isPresigned } && all.examples.contains { !$0.isPresigned })
  }

  @Test(arguments: DocumentationExamples.all?.examples.filter { !$0.isPresigned } ?? [])
  func `J3 each step of a signed header is as the S3 documentation has it`(
    example: DocumentationExamples.Example
  ) throws {
    let signer = try signer()
    // Date and payload hash are put in by the signer itself.
    let given = example.headers.filter {
      !["x-amz-date", "x-amz-content-sha256"].contains($0.key.lowercased())
    }
    if let body = example.body {
      #expect(SigV4.payloadHash(Array(body.utf8)) == example.payloadHash)
    }
    let request = SigV4Request(
      method: example.method, path: example.path, query: SuiteCase.readQuery(example.query),
      headers: given.map { ($0.key, $0.value) }, payloadHash: example.payloadHash)
    let signed = signer.signed(request)
    let canonical = signer.canonicalRequest(signed)
    #expect(canonical == example.canonicalRequest)
    let text = signer.stringToSign(canonicalRequest: canonical)
    #expect(text == example.stringToSign)
    #expect(signer.signature(stringToSign: text) == example.signature)
    let access = try #require(DocumentationExamples.all?.accessKeyId)
    #expect(
      signed.headers.last?.value
        == "AWS4-HMAC-SHA256 Credential=\(access)/20130524/us-east-1/s3/aws4_request, "
        + "SignedHeaders=\(example.signedHeaders), Signature=\(example.signature)")
  }

  @Test(arguments: DocumentationExamples.all?.examples.filter(\.isPresigned) ?? [])
  func `J3 each step of a presigned URL is as the S3 documentation has it`(
    example: DocumentationExamples.Example
  ) throws {
    let signer = try signer()
    let items = SuiteCase.readQuery(example.query)
    let expires = try #require(items.first { $0.name == "X-Amz-Expires" }.flatMap { Int($0.value) })
    let request = SigV4Request(
      method: example.method, path: example.path,
      query: items.filter { !$0.name.hasPrefix("X-Amz-") },
      headers: example.headers.map { ($0.key, $0.value) }, payloadHash: example.payloadHash)
    var presigned = request
    presigned.query = signer.presigned(request, expires: expires)
    let last = presigned.query.popLast()
    let signature = try #require(last)
    let canonical = signer.canonicalRequest(presigned)
    #expect(canonical == example.canonicalRequest)
    #expect(signer.stringToSign(canonicalRequest: canonical) == example.stringToSign)
    #expect(signature == ("X-Amz-Signature", example.signature))
  }

  private func signer() throws -> SigV4 {
    let all = try #require(DocumentationExamples.all)
    let instant = try #require(S3Instant(amzDate: all.timestamp))
    return SigV4(
      credentials: all.credentials, region: all.region, service: all.service, at: instant)
  }
}
