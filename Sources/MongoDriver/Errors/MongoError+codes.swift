// What the codes of servers and of libmongoc mean for the caller.
// https://github.com/mongodb/mongo/blob/r6.0.5/src/mongo/base/error_codes.yml

internal import CMongoc

extension MongoError {
  /// What libmongoc says, and what the server answered, where it did.
  init(_ error: bson_error_t, reply: BSONDocument?) {
    let hasServersCode =
      error.domain == MONGOC_ERROR_SERVER.rawValue || reply?["code"]?.asInteger != nil
    if hasServersCode {
      self.init(serverReply: reply ?? BSONDocument(), code: Int32(bitPattern: error.code))
    } else {
      self.init(driver: error)
      labels = Self.labels(in: reply)
    }
    domain = error.domain
  }

  /// A failure that the server told, in a reply or in one of its write errors.
  init(serverReply reply: BSONDocument, code given: Int32 = 0) {
    let code = reply["code"]?.asInteger.map(Int32.init(truncatingIfNeeded:)) ?? given
    let labels = Self.labels(in: reply)
    let isTransient = labels.contains("TransientTransactionError")
    let kind = isTransient ? .transient : Self.kind(ofServerCode: code)
    self.init(kind, Self.sentence(kind))
    (self.code, self.labels, domain) = (code, labels, MONGOC_ERROR_SERVER.rawValue)
    codeName = reply["codeName"]?.asString
    if kind == .duplicateKey { index = Self.index(inDuplicateKeyText: reply["errmsg"]?.asString) }
  }

  /// The write was carried out, but not on the disks of the majority.
  init(writeConcernError: BSONDocument, labels: [String]) {
    self.init(serverReply: writeConcernError)
    kind = .unknownOutcome
    message = "the write is not known to be on the disks of the majority"
    self.labels += labels
  }

  /// A failure between us and the server. These texts name hosts, deadlines and commands, and no content.
  private init(driver error: bson_error_t) {
    let text = Self.text(of: error)
    switch mongoc_error_domain_t(error.domain) {
    case MONGOC_ERROR_STREAM:
      self.init(.unreachable, "the connection failed reason=`\(text)`")
      isBreak = true
    case MONGOC_ERROR_SERVER_SELECTION:
      self.init(
        .unreachable, "no server can be used reason=`\(text)`",
        hint: "is it running, its replica set initiated, and of the name in the connection string?")
      if text.contains("uthentication failed") { kind = .unauthorized }
    case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_TOO_BIG.rawValue:
      self.init(.documentTooLarge, Self.sentence(.documentTooLarge))
    case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue,
      MONGOC_ERROR_SCRAM, MONGOC_ERROR_SASL:
      self.init(.unauthorized, "the server does not let us in")
    case MONGOC_ERROR_CLIENT, MONGOC_ERROR_TRANSACTION:
      self.init(.refused, "libmongoc refuses reason=`\(text)`")
    case MONGOC_ERROR_PROTOCOL:
      self.init(.badAnswer, "the server speaks otherwise reason=`\(text)`")
      isBreak = true
    default: self.init(.serverFailed, "the operation failed domain=`\(error.domain)`")
    }
    code = Int32(bitPattern: error.code)
  }

  static func text(of error: bson_error_t) -> String {
    withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func labels(in reply: BSONDocument?) -> [String] {
    reply?["errorLabels"]?.asArray?.compactMap(\.asString) ?? []
  }

  /// `E11000 duplicate key error collection: db.c index: NAME dup key: {…}`. What follows is content.
  private static func index(inDuplicateKeyText text: String?) -> String? {
    guard let start = text?.firstRange(of: " index: ")?.upperBound,
      let rest = text?[start...], let end = rest.firstRange(of: " dup key")?.lowerBound
    else { return nil }
    return String(rest[..<end].prefix(128))
  }
}

extension MongoError {
  private static func kind(ofServerCode code: Int32) -> Kind {
    switch code {
    case 11000, 11001, 12582: .duplicateKey
    // WriteConflict, SnapshotUnavailable, SnapshotTooOld, NoSuchTransaction, LockTimeout.
    case 112, 246, 239, 251, 24: .transient
    // NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, PrimarySteppedDown,
    // ShutdownInProgress, InterruptedAtShutdown, InterruptedDueToReplStateChange.
    case 10107, 13435, 13436, 189, 91, 11600, 11602: .notPrimary
    // MaxTimeMSExpired, NetworkInterfaceExceededTimeLimit, ExceededTimeLimit, NetworkTimeout.
    case 50, 202, 262, 89: .timedOut
    // UserNotFound, Unauthorized, AuthenticationFailed, AtlasError of the same meaning.
    case 11, 13, 18, 8000: .unauthorized
    case 26, 27: .notFound
    // CursorNotFound, CappedPositionLost, CursorKilled.
    case 43, 136, 237: .cursorLost
    // ChangeStreamHistoryLost, ChangeStreamFatalError, InvalidResumeToken.
    case 286, 280, 260: .changeStreamHistoryLost
    case 10334, 17419, 17420, 17280: .documentTooLarge
    // BadValue, FailedToParse, TypeMismatch, InvalidLength, PathNotViable, ConflictingUpdateOperators,
    // DollarPrefixedFieldName, InvalidIdField, EmptyFieldName, DottedFieldName, ImmutableField,
    // InvalidNamespace, DocumentValidationFailure; and numbers of old for «this is no aggregation».
    case 2, 9, 14, 16, 28, 40, 52, 53, 56, 57, 66, 73, 121, 10003, 15998, 16436, 40323, 40324:
      .invalid
    // IllegalOperation, NamespaceExists, CommandNotFound, CannotCreateIndex, InvalidOptions,
    // IndexOptionsConflict, IndexKeySpecsConflict, CommandNotSupported, CommandNotSupportedOnView,
    // OperationNotSupportedInTransaction, OptionNotSupportedOnView, NoReplicationEnabled.
    case 20, 48, 59, 67, 72, 85, 86, 115, 166, 263, 167, 76: .refused
    default: .serverFailed
    }
  }

  private static func sentence(_ kind: Kind) -> String {
    switch kind {
    case .duplicateKey: "a unique index has the key already"
    case .transient: "another operation was faster, or the server ended the transaction"
    case .notPrimary: "the server is not the primary at this moment"
    case .timedOut: "the server's deadline passed"
    case .unauthorized: "the server does not allow it"
    case .notFound: "the server does not know such a collection or index"
    case .cursorLost: "the server forgot the cursor"
    case .changeStreamHistoryLost: "the changes since that position are gone"
    case .documentTooLarge: "a document or command is larger than the server takes"
    case .invalid: "the server finds the request wrong"
    case .refused: "the server does not do that"
    default: "the server failed"
    }
  }

  /// Whether asking again, at once, may help: the connection broke, or another server is the primary by now.
  var isWorthRepeating: Bool {
    isBreak || kind == .notPrimary || labels.contains("RetryableWriteError")
      // HostUnreachable, HostNotFound, NetworkTimeout, SocketException, ExceededTimeLimit.
      || (domain == MONGOC_ERROR_SERVER.rawValue && [6, 7, 89, 9001, 262].contains(code))
  }

  /// Whether a write that ended so may have been carried out, given that nothing was open before.
  var leavesWriteOpen: Bool {
    switch kind {
    case .unknownOutcome, .timedOut, .badAnswer, .serverFailed: true
    case .unreachable: isBreak
    // A primary that steps down while it writes says one of these; one that is none never began.
    case .notPrimary: [189, 91, 11600, 11602].contains(code)
    default: false
    }
  }

  /// Whether the answer also settles what an earlier attempt with the same number left open: it does when the
  /// server looked for that attempt first, and it does so before it writes.
  var settlesEarlierAttempts: Bool {
    kind == .duplicateKey || kind == .invalid || kind == .documentTooLarge
  }
}
