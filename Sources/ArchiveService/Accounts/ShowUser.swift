// Reads accounts: one's own, and the public side of others.

import ArchiveCore

/// Finds users for display.
struct ShowUser: Sendable {
  let users: Collection<User>

  func own(_ caller: Caller) async throws -> OwnUser { OwnUser(try await users.own(caller)) }

  func callAsFunction(_ id: UserID?) async throws -> PublicUser {
    guard let id, let user = try await users.find(id: id.description) else {
      throw ServiceError(.notFound, "no such user")
    }
    return PublicUser(user)
  }
}
