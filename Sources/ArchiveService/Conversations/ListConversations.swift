// Somebody looks at the list of their conversations.

import ArchiveCore

/// Lists a user's conversations, newest activity first, with four queries for a page.
struct ListConversations: Sendable {
  private let members: Collection<Member>
  private let conversations: Collection<Conversation>
  private let names: UserNames
  private let newest: LastMessages
  private let log: ConversationLog
  private let activity: ActivityRecorder

  init(documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder) {
    members = Collection(in: documents)
    conversations = Collection(in: documents)
    names = UserNames(documents: documents)
    newest = LastMessages(documents: documents)
    (self.log, self.activity) = (log, activity)
  }

  func callAsFunction(_ caller: Caller, limit: Int, cursor: String?) async throws
    -> PageView<ConversationView>
  {
    let place = try cursor.map { try TimeCursor<ConversationSubject>($0) }
    await activity.settleIfPossible()
    let found = try await members.find(
      where: .and([.equal("userId", caller.userID.stored), .missing("hiddenAt")]),
      sort: [.descending("activityAt")], limit: limit + 1, after: place?.position(of: caller.userID)
    )
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: try await views(of: page.items, for: caller),
      next: page.next { TimeCursor(behind: $0).text })
  }

  /// Each of these places as its member sees it; those whose conversation is gone are left out.
  func views(of page: ArraySlice<Member>, for caller: Caller) async throws -> [ConversationView] {
    let page = page.filter { RightsTable.mayEnter($0, caller) }
    guard !page.isEmpty else { return [] }
    let ids = page.map(\.conversationID)
    let found = try await conversations.find(
      where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    let names = try await names(of: found.flatMap(\.firstMembers))
    let newest = try await newest(of: ids)
    let heads = try await log.heads(of: ids)
    var views: [ConversationView] = []
    for member in page {
      guard let conversation = byID[member.conversationID], let head = heads[conversation.id]
      else { continue }
      let message = try await activity.repair(
        conversation.id, head, newest[conversation.id], knownOrdinal: member.activityOrdinal)
      let shown = conversation.firstMembers.map {
        MemberView(id: $0, name: names[$0] ?? "", role: nil)
      }
      views.append(ConversationView(conversation, member, head, message, shown))
    }
    return views
  }
}

/// Where a page of a user's list ended, in the order «activity, newest first».
extension TimeCursor<ConversationSubject> {
  init(behind member: Member) { self.init(member.activityAt, member.conversationID) }

  func position(of user: UserID) -> PageCursor {
    PageCursor(values: [.time(time), .string(Member.id(id, user))])
  }
}
