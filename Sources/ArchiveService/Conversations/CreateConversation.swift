// Somebody opens a conversation with others.

import ArchiveCore

/// Creates a direct conversation, a group, or a request for support.
struct CreateConversation: Sendable {
  private let documents: any DocumentStore
  private let users: Collection<User>
  private let open: OpenConversation
  private let settings: ServiceSettings.Conversations
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, open: OpenConversation,
    settings: ServiceSettings.Conversations, surroundings: Surroundings
  ) {
    (self.documents, self.open) = (documents, open)
    users = Collection(in: documents)
    (self.settings, self.surroundings) = (settings, surroundings)
  }

  /// What a client gives.
  struct Input: Decodable {
    let kind: String
    let members: [String]?
    let title: String?
    let description: String?
  }

  /// The conversation, and whether it is new: a pair's second direct conversation is its first.
  func callAsFunction(_ caller: Caller, _ input: Input) async throws
    -> (ConversationView, isNew: Bool)
  {
    let (kind, others) = try checked(input, by: caller)
    try await requireMeeting(caller, others)
    if kind == .support { try await requireRoom(caller) }
    let everybody = [caller.userID] + others
    let now = surroundings.now()
    let conversation = Conversation(
      id: ConversationID(surroundings.newID()), kind: kind, title: input.title,
      description: input.description,
      pairKey: kind == .direct ? Conversation.pairKey(caller.userID, others[0]) : nil,
      createdAt: now, memberCount: Int64(everybody.count),
      firstMembers: Array(everybody.prefix(Conversation.shownMembers)),
      support: kind == .support
        ? SupportState(status: .waiting, since: now, customerID: caller.userID) : nil)
    let existing = try await insert(conversation, everybody)
    if let existing {
      // Who opens it again wants to see it again.
      try await DeleteConversation.show(
        Member.id(existing, caller.userID), in: Collection(in: documents))
    }
    return (
      try await open(caller, existing ?? conversation.id, for: .createConversation),
      existing == nil
    )
  }

  private func checked(_ input: Input, by caller: Caller) throws -> (ConversationKind, [UserID]) {
    var errors = FieldErrors()
    let kind = ConversationKind.openable.first { $0.rawValue == input.kind }
    errors.require(kind != nil, "kind", "is not one of direct, group, support")
    let members = input.members ?? []
    let ids = members.prefix(settings.groupLimit + 1).map { UserID($0) }
    errors.require(!ids.contains(nil), "members", "contains something that is no user id")
    var others: [UserID] = []
    var seen: Set<UserID> = [caller.userID]
    for case let id? in ids where seen.insert(id).inserted { others.append(id) }
    switch kind {
    case .direct:
      errors.require(others.count == 1, "members", "is not exactly one other user")
      errors.require(input.title == nil, "title", "a direct conversation has no title")
      errors.require(
        input.description == nil, "description", "a direct conversation has no description")
    case .support:
      errors.require(others.isEmpty, "members", "nobody is named: the staff come by themselves")
    default:
      errors.require(
        !others.isEmpty && members.count <= settings.groupLimit, "members",
        "is not 1 to \(settings.groupLimit) other users")
    }
    if let title = input.title { ConversationRules.check(title: title, &errors) }
    if let text = input.description { ConversationRules.check(description: text, &errors) }
    try errors.check()
    return (kind ?? .group, others)
  }

  /// The queue is everybody's: nobody fills it alone.
  private func requireRoom(_ caller: Caller) async throws {
    guard RightsTable.mayOpenSupport(caller.role) else {
      throw ServiceError(.forbidden, "the staff answer requests, others make them")
    }
    let open = [SupportState.Status.waiting, .taken].map { DocumentValue.string($0.rawValue) }
    let mine = try await Collection(Conversation.self, in: documents).find(
      where: .and([
        .equal("support.customerId", caller.userID.stored), .oneOf("support.status", open),
      ]), limit: settings.requestLimit)
    guard mine.count < settings.requestLimit else {
      throw ServiceError(.conflict, "you have \(settings.requestLimit) open requests already")
    }
  }

  private func requireMeeting(_ caller: Caller, _ ids: [UserID]) async throws {
    guard !ids.isEmpty else { return }
    let found = try await users.find(where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    guard found.count == ids.count, found.allSatisfy(\.isInUse) else {
      throw ServiceError.field("members", "contains a user who does not exist")
    }
    let mayMeet = found.allSatisfy {
      RightsTable.mayMeet(caller.role, $0.role, customersMayMeet: settings.customersMayMeet)
    }
    guard mayMeet else { throw ServiceError.mayNotMeet }
  }

  /// `nil` when it was inserted, or the conversation that the pair has already.
  private func insert(_ conversation: Conversation, _ members: [UserID]) async throws
    -> ConversationID?
  {
    let newest = LastMessageDocument(id: conversation.id)
    var steps: [TransactionStep] = [
      .insert(try conversation.document(), into: Conversation.schema.name),
      .insert(try newest.document(), into: LastMessageDocument.schema.name),
    ]
    for user in members {
      let role: MemberRole = user == members[0] && conversation.kind == .group ? .owner : .member
      let member = Member(
        user, of: conversation.id, conversation.kind, role: role, at: conversation.createdAt)
      steps.append(.insert(try member.document(), into: Member.schema.name))
    }
    do {
      try await documents.transact(steps)
      return nil
    } catch {
      guard error.kind == .conflict, let pairKey = conversation.pairKey,
        let existing = try await Collection(Conversation.self, in: documents)
          .find(where: .equal("pairKey", .string(pairKey)), limit: 1).first
      else { throw error }
      return existing.id
    }
  }
}
