// What agents do with support conversations: take one in charge, hand it over, close it.

import ArchiveCore

/// The life of a support conversation: waiting → taken → closed, and by a new message waiting again.
///
/// Its members are the customer and at most one of the staff, with the role `admin`: who has it in charge,
/// or had it last. Whoever takes it over replaces that one, who reads nothing of it from then on.
struct SupportWork: Sendable {
  let changes: ConversationChanges
  let open: OpenConversation
  let users: Collection<User>
  let surroundings: Surroundings

  /// Takes it in charge. Whose it is already keeps it.
  func take(_ caller: Caller, _ id: ConversationID) async throws -> ConversationView {
    try await changes(id, by: caller.userID) { record in
      guard var support = record.conversation.support else {
        throw ServiceError.noSuchConversation
      }
      guard support.status != .closed || record.member(caller.userID) != nil else {
        throw ServiceError(.conflict, "it is closed; a new message of the customer opens it")
      }
      if support.status == .taken && support.agentID == caller.userID { return nil }
      guard RightsTable.mayTake(support, caller) else {
        throw ServiceError(.conflict, "somebody else has it in charge")
      }
      let isTakenOver = support.status == .taken
      support = state(support, .taken, caller.userID)
      return PlannedChange(
        kind: .supportTaken, data: ["agentId": caller.userID.stored],
        record: after(record, support),
        audit: isTakenOver
          ? AuditEvent(
            .conversationRead, actor: caller.userID, conversation: id,
            detail: ["by": "taking it over"]) : nil)
    }
    return try await open(caller, id, for: .takeSupport)
  }

  /// Hands it to another of the staff, or back to the queue.
  func handOver(_ caller: Caller, _ id: ConversationID, to agent: UserID?) async throws {
    try await changes(id, by: caller.userID) { record in
      let support = try inCharge(caller, record, for: .handOverSupport)
      guard support.status == .taken else {
        throw ServiceError(.conflict, "only what somebody has in charge is handed over")
      }
      if agent == caller.userID { return nil }
      if let agent { try await requireStaff(agent) }
      return PlannedChange(
        kind: .supportHandedOver, data: agent.map { ["agentId": $0.stored] } ?? [:],
        record: after(record, state(support, agent == nil ? .waiting : .taken, agent)))
    }
  }

  /// Closes it. The customer and the agent stay members and go on reading.
  func close(_ caller: Caller, _ id: ConversationID) async throws -> ConversationView {
    try await changes(id, by: caller.userID) { record in
      let support = try inCharge(caller, record, for: .closeSupport)
      if support.status == .closed { return nil }
      return PlannedChange(
        kind: .supportClosed, record: after(record, state(support, .closed, support.agentID)))
    }
    return try await open(caller, id, for: .closeSupport)
  }

  /// Somebody writes: a closed one is opened again, for its agent when it is the agent who writes, otherwise for the
  /// queue.
  ///
  /// - Parameter isSettled: asked only where it is closed: whether it was closed after what is written.
  func reopen(
    _ caller: Caller, _ id: ConversationID, unless isSettled: () async throws -> Bool
  ) async throws {
    try await changes(id, by: caller.userID) { record in
      _ = try record.member(caller)
      guard let support = record.conversation.support, support.status == .closed,
        try await !isSettled()
      else { return nil }
      let isAgent = caller.userID == support.agentID && caller.role.isStaff
      var after = record
      after.conversation.support = state(
        support, isAgent ? .taken : .waiting, isAgent ? caller.userID : nil)
      return PlannedChange(kind: .supportReopened, record: after)
    }
  }

  /// Gives it back to the queue, where that agent still has it in charge.
  func release(_ id: ConversationID, from agent: UserID) async throws {
    try await changes(id, by: nil) { record in
      guard let support = record.conversation.support, support.status == .taken,
        support.agentID == agent
      else { return nil }
      return PlannedChange(
        kind: .supportHandedOver, record: after(record, state(support, .waiting, nil)))
    }
  }

  private func inCharge(
    _ caller: Caller, _ record: ConversationRecord, for endpoint: Endpoint
  ) throws -> SupportState {
    try RightsTable.rule(of: endpoint).require(try record.member(caller))
    guard let support = record.conversation.support else {
      throw ServiceError(.conflict, "this is no support conversation")
    }
    guard support.agentID == caller.userID else {
      throw ServiceError(.forbidden, "only who has it in charge may do that")
    }
    return support
  }

  private func requireStaff(_ id: UserID) async throws {
    guard let user = try await users.find(id: id.description), user.isWorkingStaff else {
      throw ServiceError.field("userId", "is not one of the staff")
    }
  }

  private func state(_ support: SupportState, _ status: SupportState.Status, _ agent: UserID?)
    -> SupportState
  {
    SupportState(
      status: status, since: surroundings.now(), customerID: support.customerID, agentID: agent)
  }

  /// The customer stays, and the agent in charge is there alone.
  private func after(_ record: ConversationRecord, _ support: SupportState) -> ConversationRecord {
    var after = record
    after.conversation.support = support
    after.members.removeAll { $0.userID != support.customerID && $0.userID != support.agentID }
    if let agent = support.agentID, after.member(agent) == nil {
      after.members.append(
        Member(
          agent, of: record.conversation.id, .support, role: .admin, at: surroundings.now()))
    }
    return after
  }
}
