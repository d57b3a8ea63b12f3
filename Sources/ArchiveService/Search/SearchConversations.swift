// Somebody looks for a conversation among the own ones.

import ArchiveCore

/// Finds conversations by parts of their titles, and where there is none by the names of whom they are with.
///
/// It goes through the index of the searcher's own places, newest activity first, in batches of three queries, so
/// nothing that belongs to others is even looked at; what a request may look at is bounded. A page may
/// therefore be short, or empty, while `next` goes on.
struct SearchConversations: Sendable {
  private let members: Collection<Member>
  private let conversations: Collection<Conversation>
  private let names: UserNames
  private let list: ListConversations
  private let activity: ActivityRecorder
  private let settings: ServiceSettings.Conversations

  init(
    documents: any DocumentStore, list: ListConversations, activity: ActivityRecorder,
    settings: ServiceSettings.Conversations
  ) {
    members = Collection(in: documents)
    conversations = Collection(in: documents)
    names = UserNames(documents: documents)
    (self.list, self.activity, self.settings) = (list, activity, settings)
  }

  /// Places that are looked at together.
  private static let batch = 200

  func callAsFunction(_ caller: Caller, _ query: SearchQuery, limit: Int, cursor: String?)
    async throws -> PageView<ConversationView>
  {
    var place = try cursor.map { try TimeCursor<ConversationSubject>($0) }
    await activity.settleIfPossible()
    var found: [Member] = []
    for _ in 0..<max(1, settings.searchBudget / Self.batch) {
      let batch = try await members.find(
        where: .and([.equal("userId", caller.userID.stored), .missing("hiddenAt")]),
        sort: [.descending("activityAt")], limit: Self.batch,
        after: place?.position(of: caller.userID))
      let matching = try await matching(batch, query, for: caller)
      for member in batch {
        place = TimeCursor(behind: member)
        if matching.contains(member.conversationID) { found.append(member) }
        if found.count == limit { return try await page(found, for: caller, next: place) }
      }
      if batch.count < Self.batch { return try await page(found, for: caller, next: nil) }
    }
    return try await page(found, for: caller, next: place)
  }

  private func page(
    _ found: [Member], for caller: Caller, next: TimeCursor<ConversationSubject>?
  ) async throws -> PageView<ConversationView> {
    PageView(items: try await list.views(of: found[...], for: caller), next: next?.text)
  }

  private func matching(_ batch: [Member], _ query: SearchQuery, for caller: Caller) async throws
    -> Set<ConversationID>
  {
    guard !batch.isEmpty else { return [] }
    let ids = batch.map(\.conversationID)
    let all = try await conversations.find(where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    let named = all.filter { $0.kind != .group || $0.title == nil }
    let names = try await names(of: named.flatMap(\.firstMembers))
    var matching: Set<ConversationID> = []
    for conversation in all {
      var texts = conversation.title.map { [$0] } ?? []
      if conversation.kind != .group || conversation.title == nil {
        texts += conversation.firstMembers.filter { $0 != caller.userID }.compactMap { names[$0] }
      }
      if query.matches(texts.map { FoldedText($0) }) { matching.insert(conversation.id) }
    }
    return matching
  }
}
