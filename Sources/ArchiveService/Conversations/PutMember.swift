// Somebody is added to a group, becomes an admin of it or ceases to be one, or gets it handed over.

import ArchiveCore

/// Adds a member, or changes a member's role. Doing it again changes nothing.
struct PutMember: Sendable {
  let changes: ConversationChanges
  let open: OpenConversation
  let users: Collection<User>
  let settings: ServiceSettings.Conversations
  let surroundings: Surroundings

  /// What a client gives.
  struct Input: Decodable {
    /// Without one: whoever is a member stays as they are, who is none becomes a plain one.
    let role: MemberRole?
    /// All of it unless told.
    let history: SharedHistory?
  }

  func callAsFunction(
    _ caller: Caller, _ id: ConversationID, user: UserID, _ input: Input
  ) async throws -> ConversationView {
    try await changes(id, by: caller.userID) { record in
      let member = try record.member(caller)
      guard record.conversation.kind == .group else { throw ServiceError.notAGroup }
      if let other = record.member(user) {
        return try await give(input.role ?? other.role, to: other, by: member, in: record)
      }
      return try await add(user, input, by: caller, member, to: record)
    }
    return try await open(caller, id, for: .putMember)
  }

  private func give(
    _ role: MemberRole, to other: Member, by member: Member, in record: ConversationRecord
  ) async throws -> PlannedChange? {
    if other.role == role { return nil }
    let owner = record.members.first { $0.role == .owner }
    // Only an admin of the group asks for what an orphaned one allows.
    var isOrphaned = false
    if member.role == .admin { isOrphaned = try await !isInUse(owner?.userID) }
    guard RightsTable.mayGive(role, to: other, by: member, isOrphaned: isOrphaned) else {
      throw ServiceError(.forbidden, "only the group's owner gives and takes roles")
    }
    var after = record
    var data: [String: DocumentValue] = [
      "userId": other.userID.stored, "role": .string(role.rawValue),
    ]
    if role == .owner {
      guard try await isInUse(other.userID) else {
        throw ServiceError(.conflict, "the account that would own the group is out of use")
      }
      // There is one owner, so who hands over is one no more.
      if let owner {
        after.setRole(.admin, of: owner.userID)
        data["previousOwnerId"] = owner.userID.stored
      }
    }
    after.setRole(role, of: other.userID)
    return PlannedChange(kind: .roleChanged, data: data, record: after)
  }

  private func add(
    _ user: UserID, _ input: Input, by caller: Caller, _ member: Member,
    to record: ConversationRecord
  ) async throws -> PlannedChange {
    let role = input.role ?? .member
    guard RightsTable.mayAdd(as: role, by: member) else {
      throw ServiceError(.forbidden, "only those who administer the group add members")
    }
    guard record.members.count <= settings.groupLimit else {
      throw ServiceError(.conflict, "the group is full")
    }
    try await requireMeeting(caller, user)
    let history = input.history ?? .all
    var after = record
    after.members.append(
      Member(user, of: record.conversation.id, .group, role: role, at: surroundings.now()))
    return PlannedChange(
      kind: .memberAdded,
      data: [
        "userId": user.stored, "role": .string(role.rawValue),
        "history": .string(history.rawValue),
      ], record: after, history: history)
  }

  private func isInUse(_ id: UserID?) async throws -> Bool {
    guard let id, let user = try await users.find(id: id.description) else { return false }
    return user.isInUse
  }

  private func requireMeeting(_ caller: Caller, _ id: UserID) async throws {
    guard let user = try await users.find(id: id.description), user.isInUse else {
      throw ServiceError(.notFound, "no such user")
    }
    guard
      RightsTable.mayMeet(caller.role, user.role, customersMayMeet: settings.customersMayMeet)
    else { throw ServiceError.mayNotMeet }
  }
}

extension ServiceError {
  static let mayNotMeet = ServiceError(.forbidden, "you may not write to that user here")
}
