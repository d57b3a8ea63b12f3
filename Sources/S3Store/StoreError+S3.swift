// What a failure of the bucket means to a caller of the object store.

import ArchiveCore
import S3Client

extension StoreError {
  /// The one translation of this engine.
  ///
  /// An answer that is not S3 (`badAnswer`) is `unavailable` and not `corrupt`: it comes from a proxy, a
  /// portal or a half-dead server and says nothing about what is stored. What the server refuses for
  /// whatever reason is `refused`, so that nobody who holds data takes it for final; `invalid` is
  /// only what this side saw to be wrong before anything was sent, and a range that is not there.
  init(_ error: S3Error, _ act: String, in bucket: String, _ key: ObjectKey?) {
    let (kind, what, hint) = Self.meaning(of: error)
    let place = key.map { " key=`\($0)`" } ?? ""
    self.init(
      kind, "\(what) act=`\(act)` bucket=`\(bucket)`\(place)", hint: hint ?? error.hint,
      cause: error)
  }

  private static func meaning(of error: S3Error) -> (Kind, String, String?) {
    switch error.kind {
    case .notFound: (.notFound, "there is no such object", nil)
    case .preconditionFailed: (.conflict, "the object exists", nil)
    // 409: somebody else's write of the same object is under way and may still fail.
    case .conflict: (.unavailable, "others write the same object right now", nil)
    case .noBucket: (.refused, "the bucket does not exist", noBucketHint)
    case .accessDenied: (.refused, "the server refuses the access", accessHint(error.code))
    case .notImplemented:
      (.refused, "the server cannot do this", "archive-service doctor tells what the server can do")
    case .invalidRequest where error.status == nil:
      (.invalid, "the request cannot be sent", nil)
    case .invalidRequest:
      (.refused, "the server refuses the request", "archive-service doctor tells what is wrong")
    case .invalidRange: (.invalid, "the object has no such bytes", nil)
    case .busy: (.unavailable, "the server is overloaded or broken", nil)
    case .unreachable: (.unavailable, "the server cannot be reached", nil)
    case .broken: (.unavailable, "the connection broke", nil)
    case .badAnswer:
      (
        .unavailable, "the answer is not that of an S3 server",
        error.hint
          ?? "check that s3.endpoint leads to the S3 port and that no proxy changes answers"
      )
    case .sourceFailed: (.unavailable, "the source of a put broke off", nil)
    case .cancelled: (.unavailable, "the call was cancelled", nil)
    case .closed: (.unavailable, "the object store is closed", nil)
    }
  }

  static let noBucketHint =
    "create the bucket that s3.bucket names, or let archive-service doctor --create-bucket do it"

  /// The codes of AWS, which other servers use too; a HEAD has none.
  static func accessHint(_ code: String?) -> String {
    switch code {
    case "InvalidAccessKeyId": "the server does not know s3.accessKey"
    case "SignatureDoesNotMatch":
      "check s3.secretKey; else a proxy before the server changes the Host header or the path"
    case "RequestTimeTooSkewed", "RequestExpired": "set the clocks: this machine's or the server's"
    case "ExpiredToken", "InvalidToken": "s3.sessionToken is over or wrong"
    default:
      "check s3.accessKey, s3.secretKey and s3.bucket; the key must be allowed to read, write, list and delete"
    }
  }
}
