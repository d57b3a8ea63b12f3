// Why an operation has no good answer, and what the caller may do.

/// A failure of MongoDB, of the way to it, or of a limit of our own.
///
/// The server's own sentences are left out: they quote documents. Its code, the code's name and the labels say
/// which rule it was.
public struct MongoError: Error, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// No server that takes writes could be found or reached. Nothing happened.
    case unreachable
    /// The deadline passed. Nothing was changed.
    case timedOut
    /// It may have happened or not: the answer was lost, too late, or told that the write is not yet on the
    /// disks of the majority. Doing it again is safe only where doing it twice does no harm.
    case unknownOutcome
    /// Too much is waiting; nothing was begun. Later it may work.
    case busy
    /// A unique index has the key already; see `index`.
    case duplicateKey
    /// Another transaction was faster, or this one was ended by the server. Nothing happened; may be repeated.
    case transient
    /// The server asked is no primary at this moment. Nothing happened; may be repeated.
    case notPrimary
    /// Wrong name or password, or no right to do this.
    case unauthorized
    /// The server does not know the collection, index or database.
    case notFound
    /// The request is wrong as it is; repeating it changes nothing.
    case invalid
    /// The server, or this client, does not do such a thing here; repeating it changes nothing.
    case refused
    /// A document or command is larger than a server takes.
    case documentTooLarge
    /// The server forgot the cursor; the question must be asked from its start.
    case cursorLost
    /// The changes since that position are gone from the server's log.
    case changeStreamHistoryLost
    /// The server failed by its own fault, a full disk for one. Later it may work.
    case serverFailed
    /// What came back is not what the protocol promises.
    case badAnswer
    /// The task was cancelled before anything was begun.
    case cancelled
    /// The client is closed.
    case closed
  }

  /// Decides what the caller does.
  public var kind: Kind
  public var message: String
  /// Who gave the code: `mongoc_error_domain_t`; 17 is the server. 0 where it is an error of our own.
  public var domain: UInt32 = 0
  public var code: Int32 = 0
  /// The server's name of the code, `WriteConflict` for one.
  public var codeName: String?
  /// What the server says of the error, `TransientTransactionError` for one.
  public var labels: [String] = []
  /// With `duplicateKey`: the name of the index.
  public var index: String?
  /// What to do about it, where that is known.
  public var hint: String?
  /// The connection broke, so that no answer came.
  var isBreak = false

  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    (self.kind, self.message, self.hint) = (kind, message, hint)
  }

  /// Whether it is certain that nothing was changed (for an insert: nothing beyond what it counts).
  public var outcomeIsKnown: Bool { kind != .unknownOutcome }
}

extension MongoError: CustomStringConvertible {
  /// `duplicateKey: a unique index has the key already index=`seq` code=`11000``, then the hint in brackets.
  public var description: String {
    var text = "\(kind.rawValue): \(message)"
    if let index { text += " index=`\(index)`" }
    if code != 0 { text += " code=`\(code)`" }
    if let codeName, !codeName.isEmpty { text += " name=`\(codeName)`" }
    if let hint { text += " (\(hint))" }
    return text
  }
}

extension MongoError {
  static let closed = MongoError(.closed, "the client is closed")

  static let timedOut = MongoError(
    .timedOut, "the deadline passed before anything was changed", hint: "try again in a moment")

  static let tooLate = MongoError(
    .unknownOutcome, "the deadline passed while the server was changing something")

  static func badAnswer(_ what: String) -> MongoError {
    MongoError(.badAnswer, "an answer of the server lacks a part part=`\(what)`")
  }

  /// The same failure for one who does not know whether the write happened.
  var asUnknownOutcome: MongoError {
    guard kind != .unknownOutcome else { return self }
    var error = self
    error.kind = .unknownOutcome
    error.message = "whether the write happened is unknown: \(message)"
    return error
  }
}
