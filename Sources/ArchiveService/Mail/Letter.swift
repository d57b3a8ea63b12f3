// What can be written to somebody.

/// A letter before it has words; `LetterText` gives it some in the language of who gets it.
///
/// Links carry tokens, so no textual form of a letter shows more than its kind.
enum Letter: Sendable, Hashable, Codable {
  /// Somebody gave this address as theirs; the link confirms it.
  case confirmEmail(link: String)
  case resetPassword(link: String)
  /// The password was changed or reset, and other sessions have ended.
  case passwordChanged
  /// A refresh token was shown twice, so a session was ended.
  case sessionEndedByReuse
  case accountDeactivated
  /// For the operator.
  case alert(title: String, lines: [String])

  /// The name of the case, for documents, logs and metrics.
  var kind: String {
    switch self {
    case .confirmEmail: "confirmEmail"
    case .resetPassword: "resetPassword"
    case .passwordChanged: "passwordChanged"
    case .sessionEndedByReuse: "sessionEndedByReuse"
    case .accountDeactivated: "accountDeactivated"
    case .alert: "alert"
    }
  }

  /// What its reader should open; a secret.
  var link: String? {
    switch self {
    case .confirmEmail(let link), .resetPassword(let link): link
    case .passwordChanged, .sessionEndedByReuse, .accountDeactivated, .alert: nil
    }
  }
}

extension Letter: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String { kind }
  var debugDescription: String { kind }
  var customMirror: Mirror { Mirror(self, children: []) }
}
