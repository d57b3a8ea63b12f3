// How everything about accounts is put together.

import ArchiveCore
import Logging

/// The parts of the service that know accounts and sessions, made once.
struct AccountParts: Sendable {
  let keys: SigningKeys
  let callers: Callers
  let ends: SessionEnds
  let accounts: AccountHandlers
  let profiles: ProfileHandlers
  let letterPages: AccountPageHandlers
  let presence: SessionPresence
  private let follower: AccountFollower
  private let logger: Logger

  /// What accounts use of the rest.
  struct Surrounding: Sendable {
    let documents: any DocumentStore
    let outbox: MailOutbox
    let audit: AuditLog
    let limits: RateLimits
    let delays: SignInDelays
    let settings: ServiceSettings
    let surroundings: Surroundings
    let logger: Logger
    let files: Files
  }

  /// Reads the signing keys, and makes the first.
  init(_ all: Surrounding) async throws {
    let (documents, settings, surroundings) = (all.documents, all.settings, all.surroundings)
    logger = all.logger
    keys = SigningKeys(
      documents: documents, settings: settings.auth, surroundings: surroundings, logger: logger)
    try await keys.prepare()
    presence = SessionPresence(
      documents: documents, settings: settings.auth, surroundings: surroundings, logger: logger)
    let tokens = AccessTokens(keys: keys, settings: settings.auth, surroundings: surroundings)
    callers = Callers(
      tokens: tokens, documents: documents, presence: presence, settings: settings.auth,
      surroundings: surroundings)
    ends = SessionEnds()
    follower = AccountFollower(
      documents: documents, callers: callers, ends: ends, surroundings: surroundings,
      logger: logger)
    let letters = AccountLetters(
      documents: documents, outbox: all.outbox, settings: settings, surroundings: surroundings)
    let sessions = Sessions(
      documents: documents, tokens: tokens, callers: callers, ends: ends, audit: all.audit,
      letters: letters, settings: settings.auth, surroundings: surroundings)
    let passwords = Passwords(settings: settings.auth, surroundings: surroundings)
    accounts = Self.accounts(all, keys, sessions, letters, passwords)
    letterPages = AccountPageHandlers(
      confirmation: accounts.confirmation, forgottenPassword: accounts.forgottenPassword)
    profiles = Self.profiles(all, presence, sessions, letters, passwords)
  }

  /// Works in the background until cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await keys.run() }
      group.addTask { await presence.run() }
      group.addTask { await follower.run() }
    }
  }

  /// Writes what waits, at the end.
  func settle() async {
    do throws(StoreError) {
      try await presence.settle()
    } catch {
      logger.warning(
        "when sessions were seen could not be written", metadata: ["error": "\(error)"])
    }
  }

  private static func accounts(
    _ all: Surrounding, _ keys: SigningKeys, _ sessions: Sessions, _ letters: AccountLetters,
    _ passwords: Passwords
  ) -> AccountHandlers {
    let (documents, surroundings) = (all.documents, all.surroundings)
    let users = Collection(User.self, in: documents)
    return AccountHandlers(
      registration: SignUp(
        createUser: CreateUser(
          documents: documents, passwords: passwords, surroundings: surroundings),
        sessions: sessions, letters: letters, delays: all.delays),
      entrance: SignIn(
        users: users, passwords: passwords, sessions: sessions, delays: all.delays,
        limits: all.limits, audit: all.audit),
      sessions: sessions, keys: keys,
      confirmation: ConfirmEmail(
        documents: documents, letters: letters, audit: all.audit, surroundings: surroundings),
      forgottenPassword: ForgottenPassword(
        documents: documents, passwords: passwords, sessions: sessions, letters: letters,
        delays: all.delays, limits: all.limits, audit: all.audit, surroundings: surroundings),
      changePassword: ChangePassword(
        documents: documents, passwords: passwords, sessions: sessions, letters: letters,
        ownership: OwnPassword(users: users, passwords: passwords, delays: all.delays),
        audit: all.audit, surroundings: surroundings),
      bodyLimitBytes: all.settings.http.bodyLimitBytes)
  }

  private static func profiles(
    _ all: Surrounding, _ presence: SessionPresence, _ sessions: Sessions,
    _ letters: AccountLetters, _ passwords: Passwords
  ) -> ProfileHandlers {
    let (documents, surroundings) = (all.documents, all.surroundings)
    let users = Collection(User.self, in: documents)
    let deactivation = DeactivateUser(
      documents: documents, sessions: sessions, letters: letters,
      ownership: OwnPassword(users: users, passwords: passwords, delays: all.delays),
      audit: all.audit, surroundings: surroundings)
    return ProfileHandlers(
      users: ShowUser(users: users),
      editProfile: EditProfile(
        users: users, avatars: Avatars(files: all.files), surroundings: surroundings),
      deactivation: deactivation, sessions: sessions,
      listSessions: ListSessions(
        sessions: Collection(in: documents), users: users, presence: presence,
        surroundings: surroundings),
      administration: AdministerUsers(
        documents: documents,
        search: SearchUsers(documents: documents, settings: all.settings.conversations),
        deactivation: deactivation, sessions: sessions, audit: all.audit),
      pageLimit: all.settings.auth.pageLimit, bodyLimitBytes: all.settings.http.bodyLimitBytes)
  }
}
