// The other answers of S3, and those that hide a failure in a success.

import S3Client
import Testing

struct AnswerTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

  @Test func `the answers to multipart requests are read`() throws {
    let new = bytes(
      "<InitiateMultipartUploadResult \(Self.namespace)><Bucket>b</Bucket><Key>k</Key>"
        + "<UploadId>VXBs+/=</UploadId></InitiateMultipartUploadResult>")
    #expect(try S3NewUploadAnswer(body: new).uploadID == "VXBs+/=")
    // AWS keeps the connection with blanks before it knows.
    let completed = bytes(
      "<?xml version=\"1.0\"?>\n \n \n<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag>"
        + "</CompleteMultipartUploadResult>")
    #expect(try S3CompletedAnswer(body: completed).etag == "\"e-2\"")
  }

  @Test(
    arguments: [
      ("InternalError", .busy), ("NoSuchUpload", .notFound), ("AccessDenied", .accessDenied),
    ]
      as [(String, S3Error.Kind)])
  func `S04 an error inside a success is a failure`(code: String, kind: S3Error.Kind) throws {
    let body = bytes("\n<Error><Code>\(code)</Code><Message>m</Message></Error>")
    let errors = [
      #expect(throws: S3Error.self) { try S3CompletedAnswer(body: body) },
      #expect(throws: S3Error.self) { try S3CopyAnswer(body: body) },
      #expect(throws: S3Error.self) { try S3DeleteAnswer(body: body) },
    ]
    for error in errors {
      #expect((error?.kind, error?.status, error?.code) == (kind, 200, code))
    }
  }

  @Test(arguments: ["", "\n \n", "<CompleteMultipartUploadResult>", "<ok/>"])
  func `S04 a success without an answer in it is a bad answer`(body: String) {
    do {
      _ = try S3CompletedAnswer(body: bytes(body))
      Issue.record("taken for a success")
    } catch {
      #expect(error.kind == .badAnswer)
    }
  }

  @Test func `parts and pending uploads are read page by page`() throws {
    let parts = try S3PartPage(
      body: bytes(
        "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>"
          + "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><Size>5</Size></Part>"
          + "<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag><Size>6</Size></Part></ListPartsResult>"
      ))
    #expect(
      parts.parts == [
        S3Part(number: 1, etag: "\"a\"", sizeBytes: 5),
        S3Part(number: 2, etag: "\"b\"", sizeBytes: 6),
      ])
    #expect(parts.isTruncated && parts.nextMarker == 2)
    let uploads = try S3PendingUploadPage(
      body: bytes(
        "<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
          + "<NextKeyMarker>a%2Fb</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>"
          + "<Upload><Key>a%2Fb</Key><UploadId>u1</UploadId>"
          + "<Initiated>2009-10-12T17:50:30.000Z</Initiated></Upload></ListMultipartUploadsResult>")
    )
    #expect(uploads.uploads.map(\.key) == ["a/b"] && uploads.uploads.map(\.uploadID) == ["u1"])
    #expect(uploads.uploads[0].initiated?.amzDate == "20091012T175030Z")
    #expect(uploads.nextKeyMarker == "a/b" && uploads.nextUploadIDMarker == "u1")
  }

  @Test func `a batch names what failed`() throws {
    let answer = try S3DeleteAnswer(
      body: bytes(
        "<DeleteResult><Deleted><Key>a &amp; b</Key></Deleted><Error><Key>c</Key>"
          + "<Code>AccessDenied</Code><Message/></Error></DeleteResult>"))
    #expect(answer.deleted == ["a & b"])
    #expect(answer.failures == [S3KeyFailure(key: "c", code: "AccessDenied", message: "")])
  }

  @Test(arguments: [
    ("<LocationConstraint \(Self.namespace)/>", "us-east-1"),
    ("<LocationConstraint></LocationConstraint>", "us-east-1"),
    ("<LocationConstraint>default</LocationConstraint>", "default"),
    ("<LocationConstraint>EU</LocationConstraint>", "eu-west-1"),
    (
      "<LocationConstraint><LocationConstraint>garage</LocationConstraint></LocationConstraint>",
      "garage"
    ),
  ])
  func `the region of a bucket is read`(xml: String, region: String) throws {
    #expect(try S3LocationAnswer(body: bytes(xml)).region == region)
  }

  @Test func `a copy says when it was made`() throws {
    let answer = try S3CopyAnswer(
      body: bytes(
        "<CopyObjectResult><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
          + "<ETag>\"e\"</ETag></CopyObjectResult>"))
    #expect((answer.etag, answer.modified?.amzDate) == ("\"e\"", "20091012T175030Z"))
  }
}
