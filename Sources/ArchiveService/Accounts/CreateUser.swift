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

  private let users: Collection<User>
  private let passwords: Passwords
  private let surroundings: Surroundings

  public init(
    documents: any DocumentStore, settings: ServiceSettings, surroundings: Surroundings
  ) {
    self.init(
      documents: documents,
      passwords: Passwords(settings: settings.auth, surroundings: surroundings),
      surroundings: surroundings)
  }

  init(documents: any DocumentStore, passwords: Passwords, surroundings: Surroundings) {
    users = Collection(in: documents)
    self.passwords = passwords
    self.surroundings = surroundings
  }

  public func callAsFunction(email: String, name: String, password: String, role: Role)
    async throws -> User
  {
    do {
      return try await create(email: email, name: name, password: password, role: role)
    } catch let error as ServiceError {
      let fields = error.fields.map { "\($0.field) \($0.message)" }
      throw Refusal(description: fields.isEmpty ? error.detail : fields.joined(separator: "; "))
    }
  }

  /// The same with the service's own error.
  func create(email: String, name: String, password: String, role: Role) async throws -> User {
    let email = AccountRules.trimmed(email)
    var errors = FieldErrors()
    AccountRules.check(email: email, &errors)
    AccountRules.check(name: name, &errors)
    AccountRules.check(password: password, &errors)
    try errors.check()
    let isTaken = Filter.equal("emailKey", .string(User.emailKey(email)))
    // The unique index decides; looking first only saves the hash.
    guard try await users.find(where: isTaken, limit: 1).isEmpty else { throw Self.taken }
    let passwordHash = try await passwords.hash(password)
    let user = User(
      id: UserID(surroundings.newID()), email: email, name: name, role: role,
      createdAt: surroundings.now(), passwordHash: passwordHash)
    do {
      try await users.insert(user)
    } catch {
      if error.kind == .conflict { throw Self.taken }
      throw error
    }
    return user
  }

  private static let taken = ServiceError(.conflict, "an account with this email exists")
}
