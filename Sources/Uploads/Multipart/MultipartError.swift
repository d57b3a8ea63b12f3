// Why a body is no multipart/form-data.

/// A body that is refused. The message holds none of the body's bytes: they may be secrets, or too long for a log.
package struct MultipartError: Error, Equatable, CustomStringConvertible {
  /// What the caller answers.
  package enum Kind: Sendable, Equatable {
    /// 400: the sender does not keep to RFC 7578; sending the same again is of no use.
    case malformed
    /// 413: it keeps to it, but goes beyond a limit of `MultipartLimits`.
    case tooLarge
    /// 415: not multipart/form-data at all.
    case unsupported
  }

  package let kind: Kind
  package let message: String

  init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

  package var description: String { message }
}
