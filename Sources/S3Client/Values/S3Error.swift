// Why a request to S3 has no good answer, and what the caller may do.

/// A failure of an S3 operation. The kind tells the caller what to do, the message tells a human what happened.
public struct S3Error: Error, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The object or the multipart upload does not exist.
    case notFound
    /// The bucket does not exist.
    case noBucket
    /// What was asked for as a condition does not hold: with create-only, the object exists.
    case preconditionFailed
    /// Another request was faster, or the bucket's name is taken. May be tried again.
    case conflict
    /// Not allowed, or not signed by a key that the server knows.
    case accessDenied
    /// The range lies outside of the object.
    case invalidRange
    /// The server has no such function.
    case notImplemented
    /// The server refuses the request as it is; sending it again changes nothing.
    case invalidRequest
    /// The server cannot at the moment; it was asked again until the budget for that ended.
    case busy
    /// No connection came about; nothing was sent.
    case unreachable
    /// The connection broke or a deadline passed; the outcome of a write is unknown.
    case broken
    /// What came back is not S3: a wrong root element, refused XML, a missing header, a body of another length.
    case badAnswer
    /// The source of the body threw, or gave another number of bytes than it said; see `cause`.
    case sourceFailed
    /// The task was cancelled.
    case cancelled
    /// The client is closed.
    case closed
  }

  public let kind: Kind
  /// The HTTP status, where there was an answer.
  public let status: Int?
  /// S3's own word, `NoSuchKey` for one; `nil` where the answer had no body (HEAD) or none that is S3's.
  public let code: String?
  public let message: String
  /// What the server's operators find the request by.
  public let requestID: String?
  /// What to do about it, where that is known.
  public let hint: String?
  public let cause: (any Error)?

  public init(
    _ kind: Kind, _ message: String, status: Int? = nil, code: String? = nil,
    requestID: String? = nil, hint: String? = nil, cause: (any Error)? = nil
  ) {
    (self.kind, self.message, self.status, self.code) = (kind, message, status, code)
    (self.requestID, self.hint, self.cause) = (requestID, hint, cause)
  }
}

extension S3Error: CustomStringConvertible {
  /// `notFound: there is no such object key=`a` status=`404` code=`NoSuchKey``, then the hint in brackets.
  public var description: String {
    var text = "\(kind.rawValue): \(message)"
    if let status { text += " status=`\(status)`" }
    if let code { text += " code=`\(code)`" }
    if let requestID { text += " request=`\(requestID)`" }
    if let cause { text += " cause=`\(cause)`" }
    if let hint { text += " (\(hint))" }
    return text
  }
}
