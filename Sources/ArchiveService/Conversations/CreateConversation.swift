// Somebody opens a conversation with others.

import ArchiveCore

/// Creates a direct conversation or a group.
struct CreateConversation: Sendable {
  private let documents: any DocumentStore
  private let open: OpenConversation
  private let settings: ServiceSettings.Conversations
  private let surroundings: Surroundings

  init(
    documents: any DocumentStore, open: OpenConversation,
    settings: ServiceSettings.Conversations, surroundings: Surroundings
  ) {
    (self.documents, self.open) = (documents, open)
    (self.settings, self.surroundings) = (settings, surroundings)
  }

  /// The conversation, and whether it is new: a pair's second direct conversation is its first.
  func callAsFunction(_ caller: Caller, kind: String, members: [String], title: String?)
    async throws -> (ConversationView, isNew: Bool)
  {
    let others = try checked(kind: kind, members: members, title: title, by: caller)
    try await requireUsers(others)
    let kind = ConversationKind(rawValue: kind) ?? .group
    let everybody = [caller.userID] + others
    let conversation = Conversation(
      id: ConversationID(surroundings.newID()), kind: kind, title: title,
      pairKey: kind == .direct ? Conversation.pairKey(caller.userID, others[0]) : nil,
      createdAt: surroundings.now(), memberCount: Int64(everybody.count),
      firstMembers: Array(everybody.prefix(Conversation.shownMembers)))
    let existing = try await insert(conversation, everybody)
    return (try await open(caller, existing ?? conversation.id), existing == nil)
  }

  private func checked(kind: String, members: [String], title: String?, by caller: Caller) throws
    -> [UserID]
  {
    var errors = FieldErrors()
    let known = ConversationKind(rawValue: kind)
    errors.require(known != nil, "kind", "is not one of direct, group")
    let ids = members.prefix(settings.groupLimit + 1).map { UserID($0) }
    errors.require(!ids.contains(nil), "members", "contains something that is no user id")
    var others: [UserID] = []
    var seen: Set<UserID> = [caller.userID]
    for case let id? in ids where seen.insert(id).inserted { others.append(id) }
    if known == .direct {
      errors.require(others.count == 1, "members", "is not exactly one other user")
      errors.require(title == nil, "title", "only groups have a title")
    } else {
      errors.require(
        !others.isEmpty && members.count <= settings.groupLimit, "members",
        "is not 1 to \(settings.groupLimit) other users")
    }
    if let title { Self.check(title: title, &errors) }
    try errors.check()
    return others
  }

  private static func check(title: String, _ errors: inout FieldErrors) {
    let isShort = title.utf8.count <= 800 && title.unicodeScalars.count <= 200
    errors.require(isShort, "title", "is longer than 200 characters")
    errors.require(!AccountRules.isBlank(title), "title", "is empty")
    errors.require(
      !isShort || !AccountRules.hasControls(title), "title", "contains control characters")
  }

  private func requireUsers(_ ids: [UserID]) async throws {
    let known = try await documents.count(
      User.schema.name, where: .oneOf("id", ids.map(\.stored)))
    guard known == ids.count else {
      throw ServiceError.field("members", "contains a user who does not exist")
    }
  }

  /// `nil` when it was inserted, or the conversation that the pair has already.
  private func insert(_ conversation: Conversation, _ members: [UserID]) async throws
    -> ConversationID?
  {
    var steps: [TransactionStep] = [
      .insert(try conversation.document(), into: Conversation.schema.name)
    ]
    for user in members {
      let role: MemberRole = user == members[0] && conversation.kind == .group ? .owner : .member
      let member = Member(user, of: conversation.id, role: role, at: conversation.createdAt)
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
