// Lists, errors and all other documents that an S3 server answers with.

import S3Client

/// Reads the bytes as each answer that there is, and checks what must hold of whatever is accepted.
@Sendable
func fuzzS3XML(_ bytes: [UInt8]) {
  guard let element = try? XMLReading.document(bytes) else {
    // What is no XML is no answer either.
    precondition((try? S3ListPage(body: bytes)) == nil)
    return
  }
  if let page = try? S3ListPage(body: bytes) {
    precondition(element.name == "ListBucketResult", "a list comes from a list only")
    precondition(page.isTruncated == (page.nextToken != nil), "a cut list says how to go on")
    precondition(page.objects.allSatisfy { $0.sizeBytes >= 0 }, "no object has a negative size")
    for object in page.objects { _ = PercentEncoding.path(object.key) }
  }
  if let error = S3ErrorDocument(element) {
    let shown = S3Error(answer: 400, document: error, key: error.code).description
    precondition(!shown.contains("\n"), "an error is one line")
  }
  _ = try? S3DeleteAnswer(body: bytes)
  _ = try? S3CopyAnswer(body: bytes)
  _ = try? S3LocationAnswer(body: bytes)
  _ = try? S3NewUploadAnswer(body: bytes)
  _ = try? S3CompletedAnswer(body: bytes)
  _ = try? S3PartPage(body: bytes)
  _ = try? S3PendingUploadPage(body: bytes)
}
