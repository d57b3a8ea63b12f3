// The one error that use cases throw, free of HTTP.

/// Why a use case refused, in terms of what its caller can do about it.
struct ServiceError: Error, Sendable {
  enum Kind: Sendable {
    /// The input is wrong; `fields` says where.
    case invalid
    /// No valid sign-in; sign in again.
    case notSignedIn
    case forbidden
    /// There is none, or none that the caller may know of.
    case notFound
    /// There was one, and it will not come back.
    case gone
    /// The state of the thing forbids it.
    case conflict
    /// More than there is room for.
    case tooLarge
    /// Too busy; try again after `retryAfter`.
    case busy
    /// The caller asked too often; try again after `retryAfter`.
    case tooMany
  }

  let kind: Kind
  /// For a human; it is shown to the client, so never a secret or a name of somebody else's.
  let detail: String
  var fields: [FieldError] = []
  var retryAfter: Duration?

  init(
    _ kind: Kind, _ detail: String, fields: [FieldError] = [], retryAfter: Duration? = nil
  ) {
    (self.kind, self.detail, self.fields, self.retryAfter) = (kind, detail, fields, retryAfter)
  }

  /// One wrong field.
  static func field(_ name: String, _ message: String) -> ServiceError {
    ServiceError(
      .invalid, "a field is not valid", fields: [FieldError(field: name, message: message)])
  }

  /// The one answer for conversations that do not exist and for those of others.
  static let noSuchConversation = ServiceError(.notFound, "no such conversation")
  static let noSuchMessage = ServiceError(.notFound, "no such message")
}

/// What is wrong with one field of the input.
struct FieldError: Sendable, Hashable, Encodable {
  let field: String
  let message: String
}

/// Gathers what is wrong with an input, so that a client hears all of it at once.
struct FieldErrors {
  private(set) var errors: [FieldError] = []

  /// Notes the message unless the claim holds.
  mutating func require(_ claim: Bool, _ field: String, _ message: String) {
    if !claim { errors.append(FieldError(field: field, message: message)) }
  }

  /// Throws when something was noted.
  func check() throws {
    guard !errors.isEmpty else { return }
    throw ServiceError(
      .invalid, errors.count == 1 ? "a field is not valid" : "some fields are not valid",
      fields: errors)
  }
}
