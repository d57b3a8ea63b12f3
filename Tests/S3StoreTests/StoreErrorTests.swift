// What failures of a bucket mean to a caller of the store.

import ArchiveCore
import S3Client
import Testing

@testable import S3Store

@Suite("errors of a bucket")
struct StoreErrorTests {
  private func kind(_ kind: S3Error.Kind, status: Int? = nil, code: String? = nil)
    -> StoreError
  {
    StoreError(
      S3Error(kind, "a sentence", status: status, code: code), "put", in: "bucket",
      ObjectKey(trusted: "a/b"))
  }

  @Test("S17 nothing that a server refuses is final for who holds data")
  func neverFinal() {
    for kind in S3Error.Kind.allCases where kind != .invalidRange {
      let error = self.kind(kind, status: 400)
      #expect(![.invalid, .corrupt].contains(error.kind), "\(kind)")
    }
  }

  @Test("S17 refusals tell the operator what to do, in the words of the settings")
  func hints() {
    #expect(kind(.noBucket, status: 404).hint?.contains("s3.bucket") == true)
    #expect(
      kind(.accessDenied, status: 403, code: "InvalidAccessKeyId").hint?.contains("s3.accessKey")
        == true)
    #expect(
      kind(.accessDenied, status: 403, code: "SignatureDoesNotMatch").hint?.contains("s3.secretKey")
        == true)
    #expect(kind(.accessDenied, code: "RequestTimeTooSkewed").hint?.contains("clock") == true)
    #expect(kind(.accessDenied).kind == .refused)
    #expect(kind(.badAnswer).hint?.contains("s3.endpoint") == true)
  }

  @Test(
    "each kind of failure has its meaning",
    arguments: [
      (S3Error.Kind.notFound, StoreError.Kind.notFound), (.preconditionFailed, .conflict),
      (.conflict, .unavailable), (.noBucket, .refused), (.accessDenied, .refused),
      (.notImplemented, .refused), (.invalidRange, .invalid), (.busy, .unavailable),
      (.unreachable, .unavailable), (.broken, .unavailable), (.badAnswer, .unavailable),
      (.sourceFailed, .unavailable), (.cancelled, .unavailable), (.closed, .unavailable),
    ])
  func meanings(_ theirs: S3Error.Kind, _ ours: StoreError.Kind) {
    let error = kind(theirs)
    #expect(error.kind == ours)
    #expect(error.message.hasSuffix("act=`put` bucket=`bucket` key=`a/b`"))
    #expect(error.cause is S3Error)
  }

  @Test("only what was never sent is the caller's own fault")
  func invalid() {
    #expect(kind(.invalidRequest).kind == .invalid)
    #expect(kind(.invalidRequest, status: 400, code: "KeyTooLongError").kind == .refused)
  }
}
