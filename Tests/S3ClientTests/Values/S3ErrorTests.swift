// From an answer to what the caller is told.

import S3Client
import Testing

struct S3ErrorTests {
  private func document(_ code: String, message: String = "") throws -> S3ErrorDocument {
    let xml = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
    return try #require(S3ErrorDocument(body: Array(xml.utf8)))
  }

  @Test(
    arguments: [
      (404, "NoSuchKey", .notFound), (404, "NoSuchUpload", .notFound),
      (404, "NoSuchBucket", .noBucket),
      (412, "PreconditionFailed", .preconditionFailed),
      (409, "ConditionalRequestConflict", .conflict),
      (409, "OperationAborted", .conflict), (409, "BucketAlreadyExists", .conflict),
      (403, "AccessDenied", .accessDenied), (403, "SignatureDoesNotMatch", .accessDenied),
      (403, "InvalidAccessKeyId", .accessDenied), (403, "RequestTimeTooSkewed", .accessDenied),
      (400, "ExpiredToken", .accessDenied), (416, "InvalidRange", .invalidRange),
      (501, "NotImplemented", .notImplemented), (400, "NotImplemented", .notImplemented),
      (400, "InvalidArgument", .invalidRequest),
      (400, "AuthorizationHeaderMalformed", .invalidRequest),
      (405, "MethodNotAllowed", .invalidRequest), (301, "PermanentRedirect", .invalidRequest),
      (503, "SlowDown", .busy), (500, "InternalError", .busy), (400, "RequestTimeout", .busy),
      (429, "TooManyRequests", .busy), (200, "InternalError", .busy), (200, "Unheard", .busy),
      (200, "NoSuchUpload", .notFound), (507, "XMinioStorageFull", .busy),
      (409, "BrandNewConflict", .conflict),
    ] as [(Int, String, S3Error.Kind)])
  func `an answer with a code has one kind`(status: Int, code: String, kind: S3Error.Kind) throws {
    let error = S3Error(answer: status, document: try document(code), key: "k")
    #expect(error.kind == kind)
    #expect((error.status, error.code) == (status, code))
  }

  @Test(
    arguments: [
      (404, "k", .notFound), (404, nil, .noBucket), (403, "k", .accessDenied),
      (401, nil, .accessDenied), (412, "k", .preconditionFailed), (304, "k", .preconditionFailed),
      (416, "k", .invalidRange), (400, "k", .invalidRequest), (301, nil, .invalidRequest),
      (307, nil, .invalidRequest), (500, "k", .busy), (502, "k", .busy), (503, nil, .busy),
      (504, nil, .busy), (429, nil, .busy), (408, nil, .busy), (501, "k", .notImplemented),
      (409, "k", .conflict), (0, "k", .badAnswer), (-1, nil, .badAnswer), (100, nil, .badAnswer),
    ] as [(Int, String?, S3Error.Kind)])
  func `an answer without a body, as to HEAD, has one kind`(
    status: Int, key: String?, kind: S3Error.Kind
  ) {
    let error = S3Error(answer: status, document: nil, requestID: "r", key: key)
    #expect(error.kind == kind)
    #expect(error.code == nil && error.requestID == "r")
  }

  @Test func `an error says what happened, to which key, and what the server said`() throws {
    let error = S3Error(
      answer: 403, document: try document("SignatureDoesNotMatch", message: "no\nmatch"),
      requestID: "tx1", key: "a/b")
    #expect(error.message == "the server does not allow this request said=`no match` key=`a/b`")
    #expect(
      error.description.hasPrefix("accessDenied: ")
        && error.description.contains("status=`403` code=`SignatureDoesNotMatch` request=`tx1`"))
    #expect(error.hint?.contains("secret key") == true)
  }

  @Test func `what Ceph leaves empty does not show`() throws {
    let xml = """
      <?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message></Message>\
      <BucketName>b</BucketName><RequestId>tx00-default</RequestId><HostId>h</HostId></Error>
      """
    let document = try #require(S3ErrorDocument(body: Array(xml.utf8)))
    #expect((document.bucket, document.hostID) == ("b", "h"))
    let error = S3Error(answer: 404, document: document, key: "k")
    #expect(error.message == "there is no such object or upload key=`k`")
    #expect(error.requestID == "tx00-default")
  }

  @Test func `text of a server is cut and on one line`() throws {
    let long = String(repeating: "x", count: 5000)
    let error = S3Error(answer: 400, document: try document(long, message: long), key: "a\r\nb")
    #expect(error.description.utf8.count < 1200)
    #expect(!error.description.contains { $0.isNewline })
  }

  @Test func `region and clock of the server are read from its error`() throws {
    let xml = """
      <Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>\
      <Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>\
      <ServerTime>2013-05-24T00:00:00Z</ServerTime></Error>
      """
    let document = try #require(S3ErrorDocument(body: Array(xml.utf8)))
    #expect(document.region == "eu-west-1")
    #expect(document.endpoint == "b.s3-eu-west-1.amazonaws.com")
    #expect(document.serverTime?.amzDate == "20130524T000000Z")
  }

  @Test(arguments: [
    "", "<html>no</html>", "<Error/>", "<Error><Code/></Error>", "<Errors><Code>a</Code></Errors>",
    "not xml", "{\"code\": 1}", "<Error><Code>a</Code>",
  ])
  func `a body that is not S3's is no error document`(body: String) {
    #expect(S3ErrorDocument(body: Array(body.utf8)) == nil)
  }
}
