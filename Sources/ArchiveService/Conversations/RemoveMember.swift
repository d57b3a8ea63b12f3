// Somebody leaves a group, or is removed from it.

import ArchiveCore

/// Takes a member out of a group. Whoever is out reads nothing of it from then on.
///
/// An owner who leaves leaves the group to the admin who has been in it longest, or where there is none to the
/// member who has; to somebody whose account is out of use only where there is nobody else. With its last member a group
/// is deleted.
struct RemoveMember: Sendable {
  let changes: ConversationChanges
  let users: Collection<User>
  let surroundings: Surroundings

  func callAsFunction(_ caller: Caller, _ id: ConversationID, user: UserID) async throws {
    try await changes(id, by: caller.userID) { record in
      let member = try record.member(caller)
      guard record.conversation.kind == .group else { throw ServiceError.notAGroup }
      if user == caller.userID { return try await leave(member, record) }
      guard let other = record.member(user) else {
        guard member.role.standing >= .administrator else { throw Self.forbidden }
        return nil
      }
      guard RightsTable.mayRemove(other, by: member) else { throw Self.forbidden }
      var after = record
      after.remove(user)
      return PlannedChange(kind: .memberRemoved, data: ["userId": user.stored], record: after)
    }
  }

  private func leave(_ member: Member, _ record: ConversationRecord) async throws -> PlannedChange {
    var after = record
    after.remove(member.userID)
    var data: [String: DocumentValue] = ["userId": member.userID.stored]
    if after.members.isEmpty {
      after.conversation.deletedAt = surroundings.now()
    } else if member.role == .owner, let heir = try await heir(among: after.members) {
      after.setRole(.owner, of: heir.userID)
      data["newOwnerId"] = heir.userID.stored
    }
    return PlannedChange(kind: .memberLeft, data: data, record: after)
  }

  private func heir(among members: [Member]) async throws -> Member? {
    let inUse = try await users.find(
      where: .and([.oneOf("id", members.map(\.userID.stored)), .missing("deactivatedAt")]),
      limit: members.count
    ).map(\.id)
    let present = members.filter { inUse.contains($0.userID) }
    return present.first { $0.role == .admin } ?? present.first ?? members.first
  }

  private static let forbidden = ServiceError(
    .forbidden, "only those who administer the group remove members, and only the owner its admins")
}
