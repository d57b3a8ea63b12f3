// The letters that accounts cause, each as steps of the transaction that it tells of.

import ArchiveCore

/// Makes letters with links, and the tokens in them; reads tokens that come back.
struct AccountLetters: Sendable {
  private let outbox: MailOutbox
  private let tokens: Collection<MailedToken>
  private let settings: ServiceSettings.Auth
  /// What links begin with, without a slash at its end.
  private let base: String
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, outbox: MailOutbox, settings: ServiceSettings,
    surroundings: Surroundings
  ) {
    tokens = Collection(in: documents)
    (self.outbox, self.surroundings) = (outbox, surroundings)
    self.settings = settings.auth
    let url =
      settings.http.publicURL
      ?? "\(settings.http.scheme)://\(settings.http.host):\(settings.http.port)"
    base = url.hasSuffix("/") ? String(url.dropLast()) : url
  }

  /// A letter that tells the owner what was done. What was done does not depend on room for it in the outbox.
  func notice(_ letter: Letter, to user: User) throws -> [TransactionStep] {
    try outbox.notice(letter, to: user.mailbox, in: user.language)
  }

  /// The letter that asks whether an address is its owner's.
  func confirmation(for user: User) throws -> [TransactionStep] {
    let (token, text) = make(.confirmEmail, user, settings.confirmationLifetime)
    let letter = Letter.confirmEmail(link: "\(base)/confirm-email?token=\(text)")
    return try steps(token, letter, user)
  }

  /// The letter that leads to a new password; those before it lead nowhere any more.
  func passwordReset(for user: User) throws -> [TransactionStep] {
    let (token, text) = make(.resetPassword, user, settings.resetLifetime)
    let letter = Letter.resetPassword(link: "\(base)/reset-password?token=\(text)")
    return [MailedToken.discarding(.resetPassword, of: user.id, at: surroundings.now())]
      + (try steps(token, letter, user))
  }

  /// As much work as `passwordReset`, for an address that has no account: the same steps on documents of the same
  /// size, and no letter.
  func nothing(for email: EmailAddress, in language: Language) throws -> [TransactionStep] {
    let nobody = UserID(surroundings.newID())
    let (token, text) = MailedToken.make(
      .nothing, for: nobody, emailKey: email.key, lifetime: settings.resetLifetime,
      surroundings: surroundings)
    let letter = Letter.resetPassword(link: "\(base)/reset-password?token=\(text)")
    let unsent = try outbox.step(letter, to: Mailbox(address: email.text), in: language)
    guard case .insert(var document, into: _) = unsent else {
      throw StoreError(.invalid, "a letter is not written by an insertion")
    }
    // Where it lies nobody sends it, and it expires with the token.
    document.fields["id"] = .string("unsent/" + token.hash)
    document.fields.merge(try token.document().fields) { unsent, _ in unsent }
    return [
      MailedToken.discarding(.resetPassword, of: nobody, at: surroundings.now()),
      .insert(try token.document(), into: tokens.name),
      .insert(document, into: tokens.name),
    ]
  }

  /// The token that somebody shows, if it is good for that now.
  func token(_ text: String, for purpose: MailedPurpose) async throws -> MailedToken {
    guard let hash = MailedToken.hash(of: text), let token = try await tokens.find(id: hash),
      token.purpose == purpose, token.usedAt == nil, token.expiresAt > surroundings.now()
    else { throw Self.invalidToken }
    return token
  }

  /// One answer for tokens that never were, that were used, and that have expired.
  static let invalidToken = ServiceError.field("token", "is not valid any more")

  private func make(_ purpose: MailedPurpose, _ user: User, _ lifetime: Duration)
    -> (stored: MailedToken, text: String)
  {
    MailedToken.make(
      purpose, for: user.id, emailKey: User.emailKey(user.email), lifetime: lifetime,
      surroundings: surroundings)
  }

  private func steps(_ token: MailedToken, _ letter: Letter, _ user: User) throws
    -> [TransactionStep]
  {
    [
      .insert(try token.document(), into: tokens.name),
      try outbox.step(
        letter, to: user.mailbox, in: user.language, usefulUntil: token.expiresAt),
    ]
  }
}

extension User {
  /// Where letters to the user go. The name is left out until the address is known to be theirs, or anybody could make
  /// this server mail words of their choice to a stranger.
  var mailbox: Mailbox { Mailbox(address: email, name: emailConfirmedAt == nil ? "" : name) }

  /// The very account that was read, with the same password and era, and in use.
  var isUnchanged: Filter {
    let era = Filter.equal("sessionEra", .integer(sessionEra))
    return .and([
      .id(id.description), .equal("passwordHash", .string(passwordHash)),
      // Accounts of the first version have no such field.
      sessionEra == 0 ? .or([era, .missing("sessionEra")]) : era,
      .missing("deactivatedAt"),
    ])
  }
}
