// Makes an account: for the command line, and for sign-ups.

public import ArchiveCore

/// Creates a user with a role.
///
/// Throws `CreateUser.Refusal` for input that cannot be an account, or an address that is taken.
public struct CreateUser: Sendable {
  /// Why there is no such user now, for a human.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// What an account is made from.
  struct Input: Sendable {
    let email: String
    let name: String
    let password: String
    var language = Language.en
  }

  private let users: Collection<User>
  private let passwords: Passwords
  private let surroundings: Surroundings
  /// Of accounts that nobody signed up for.
  private let audit: AuditLog?

  public init(
    documents: any DocumentStore, settings: ServiceSettings, surroundings: Surroundings
  ) {
    self.init(
      documents: documents,
      passwords: Passwords(settings: settings.auth, surroundings: surroundings),
      audit: AuditLog(
        documents: documents, settings: settings.audit, surroundings: surroundings),
      surroundings: surroundings)
  }

  init(
    documents: any DocumentStore, passwords: Passwords, audit: AuditLog? = nil,
    surroundings: Surroundings
  ) {
    users = Collection(in: documents)
    (self.passwords, self.audit, self.surroundings) = (passwords, audit, surroundings)
  }

  /// Whoever has the command line vouches for the address: it counts as confirmed.
  public func callAsFunction(email: String, name: String, password: String, role: Role)
    async throws -> User
  {
    do {
      let input = Input(email: email, name: name, password: password)
      var user = try await prepare(input, role: role)
      user.emailConfirmedAt = user.createdAt
      let event = AuditEvent(.userCreated, subject: user.id, detail: ["role": role.rawValue])
      try await insert(user, with: try audit.map { [try $0.step(event)] } ?? [])
      return user
    } catch let error as ServiceError {
      let fields = error.fields.map { "\($0.field) \($0.message)" }
      throw Refusal(description: fields.isEmpty ? error.detail : fields.joined(separator: "; "))
    }
  }

  /// An account of the input, not yet stored; throws where it cannot be one.
  func prepare(_ input: Input, role: Role) async throws -> User {
    var errors = FieldErrors()
    let email = AccountRules.checked(email: input.email, &errors)
    let name = DisplayName.cleaned(input.name, &errors)
    AccountRules.check(password: input.password, &errors)
    try errors.check()
    let isTaken = Filter.equal("emailKey", .string(User.emailKey(email)))
    // The unique index decides; looking first only saves the hash.
    guard try await users.find(where: isTaken, limit: 1).isEmpty else { throw Self.taken }
    let passwordHash = try await passwords.hash(input.password)
    return User(
      id: UserID(surroundings.newID()), email: email, name: name, role: role,
      createdAt: surroundings.now(), passwordHash: passwordHash, language: input.language)
  }

  /// Stores the account and carries out the steps, all or nothing. The steps must not conflict with anything.
  func insert(_ user: User, with steps: [TransactionStep]) async throws {
    do {
      try await users.store.transact(
        [.insert(try user.document(), into: users.name)]
          + (try IndexedUser(user).steps(isNew: true)) + steps)
    } catch {
      if error.kind == .conflict { throw Self.taken }
      throw error
    }
  }

  private static let taken = ServiceError(.conflict, "an account with this email exists")
}
