// The one error that both storage ports throw, whatever engine stands behind them.

/// What went wrong in a store, in terms of what the caller should do about it.
///
/// Engines translate their own errors into this once, at their edge, and keep the cause.
public struct StoreError: Error, Sendable {
  public enum Kind: String, Sendable {
    /// The thing asked for does not exist. Do not retry.
    case notFound
    /// Somebody else was first: a unique index, a create-only put, an expectation of a transaction. Look again, then decide.
    case conflict
    /// The engine cannot do it now: down, full, overloaded, timed out. What was written is unknown. Retry with backoff.
    case unavailable
    /// The request itself is wrong and will never work. A fault of the caller.
    case invalid
    /// What is stored contradicts itself. Stop and tell a human.
    case corrupt
    /// The engine will not: no permission, wrong set-up. Keep the data, tell the operator.
    case refused
  }

  public let kind: Kind
  /// For a human: lower case, ending in key=`value`. Never a message text, token or password.
  public let message: String
  /// On a `conflict` of a unique index: that index's name; `id` for the document's own identifier.
  public let index: String?
  /// What would cure it, where that is known.
  public let hint: String?
  public let cause: (any Error)?

  public init(
    _ kind: Kind, _ message: String, index: String? = nil, hint: String? = nil,
    cause: (any Error)? = nil
  ) {
    (self.kind, self.message, self.index, self.hint, self.cause) =
      (kind, message, index, hint, cause)
  }
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    var text = "\(kind.rawValue): \(message)"
    if let hint { text += " (\(hint))" }
    if let cause { text += " cause=`\(cause)`" }
    return text
  }
}
