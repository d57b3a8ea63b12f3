// What a failure below HTTP means to a caller of S3.

import CurlHTTP

extension S3Error {
  /// Translated once, at the edge; the cause is kept.
  init(_ error: CurlError) {
    let (kind, hint): (Kind, String?) =
      switch error.kind {
      case .unreachable: (.unreachable, "check host, port and proxy of the endpoint")
      case .untrusted:
        (.unreachable, "name the file of the certificate authority that signed the server's key")
      case .broken, .timedOut: (.broken, nil)
      case .badAnswer: (.badAnswer, "check that an S3 server listens at the endpoint")
      case .answerTooLarge: (.badAnswer, nil)
      case .invalidRequest: (.invalidRequest, nil)
      case .sourceFailed: (.sourceFailed, nil)
      case .cancelled: (.cancelled, nil)
      case .busy: (.busy, "too many requests at once; raise the limit or ask less")
      case .closed: (.closed, nil)
      }
    self.init(kind, error.message, hint: hint, cause: error.cause ?? error)
  }

  static let wasCancelled = S3Error(.cancelled, "the task was cancelled")

  /// The same with something to do about it, where it has nothing better.
  func hinting(_ hint: String?) -> S3Error {
    S3Error(
      kind, message, status: status, code: code, requestID: requestID, hint: self.hint ?? hint,
      cause: cause)
  }

  /// The same, saying how often it was tried.
  func after(attempts: Int) -> S3Error {
    guard attempts > 1 else { return self }
    return S3Error(
      kind, "\(message) attempts=`\(attempts)`", status: status, code: code, requestID: requestID,
      hint: hint, cause: cause)
  }
}
