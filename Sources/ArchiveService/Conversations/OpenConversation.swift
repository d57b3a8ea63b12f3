// A member looks at one conversation.

import ArchiveCore

/// Shows one conversation with all its members.
struct OpenConversation: Sendable {
  private let access: Access
  private let members: NamedMembers
  private let newest: LastMessages
  private let log: ConversationLog
  private let activity: ActivityRecorder

  init(
    access: Access, documents: any DocumentStore, log: ConversationLog,
    activity: ActivityRecorder, settings: ServiceSettings.Conversations
  ) {
    self.access = access
    members = NamedMembers(documents: documents, limit: settings.memberLimit)
    newest = LastMessages(documents: documents)
    (self.log, self.activity) = (log, activity)
  }

  /// - Parameter endpoint: what the caller asked for, whose answer this is.
  func callAsFunction(
    _ caller: Caller, _ id: ConversationID, for endpoint: Endpoint = .openConversation
  ) async throws -> ConversationView {
    await activity.settleIfPossible(id)
    let (conversation, member) = try await access.conversation(caller, id, for: endpoint)
    let all = try await members(of: id)
    let head = try await log.head(of: id)
    let known = try await newest(of: [id])[id]
    let newest = try await activity.repair(
      id, head, known, knownOrdinal: member.activityOrdinal)
    return ConversationView(conversation, member, head, newest, all)
  }
}

/// Finds all members of a conversation, with their names.
struct NamedMembers: Sendable {
  private let members: Collection<Member>
  private let names: UserNames
  private let limit: Int

  init(documents: any DocumentStore, limit: Int) {
    members = Collection(in: documents)
    names = UserNames(documents: documents)
    self.limit = limit
  }

  func callAsFunction(of id: ConversationID) async throws -> [MemberView] {
    let all = try await members.find(where: .equal("conversationId", id.stored), limit: limit)
    let names = try await names(of: all.map(\.userID))
    return all.map {
      MemberView(
        id: $0.userID, name: names[$0.userID] ?? "", role: $0.role, readSeq: $0.readSeq)
    }
  }
}

/// Finds the names of many users in one query.
struct UserNames: Sendable {
  private let users: Collection<User>

  init(documents: any DocumentStore) { users = Collection(in: documents) }

  func callAsFunction(of ids: [UserID]) async throws -> [UserID: String] {
    guard !ids.isEmpty else { return [:] }
    let unique = Set(ids)
    let found = try await users.find(
      where: .oneOf("id", unique.map(\.stored)), limit: unique.count)
    return Dictionary(found.map { ($0.id, $0.name) }) { first, _ in first }
  }
}
