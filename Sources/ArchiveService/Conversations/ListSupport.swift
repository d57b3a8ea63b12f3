// The staff look at what waits for them.

import ArchiveCore

/// Lists waiting support conversations, the one that waits longest first, with three queries for a page.
///
/// Whoever is of the staff sees the newest message of each: it is addressed to them. The rest they read once
/// they have taken it.
struct ListSupport: Sendable {
  private let conversations: Collection<Conversation>
  private let newest: LastMessages
  private let names: UserNames
  private let log: ConversationLog
  private let activity: ActivityRecorder

  init(documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder) {
    conversations = Collection(in: documents)
    newest = LastMessages(documents: documents)
    names = UserNames(documents: documents)
    (self.log, self.activity) = (log, activity)
  }

  func callAsFunction(limit: Int, cursor: String?) async throws -> PageView<SupportRequestView> {
    let place = try cursor.map { try TimeCursor<ConversationSubject>($0) }
    await activity.settleIfPossible()
    let found = try await conversations.find(
      where: .equal("support.status", .string(SupportState.Status.waiting.rawValue)),
      sort: [.ascending("support.since")], limit: limit + 1, after: place?.position)
    let page = FoundPage(found, limit: limit)
    let customers = try await names(of: page.items.compactMap(\.support?.customerID))
    let messages = try await messages(in: page.items.map(\.id))
    let items = page.items.compactMap { conversation in
      conversation.support.map { support in
        SupportRequestView(
          id: conversation.id, title: conversation.title,
          customer: MemberView(
            id: support.customerID, name: customers[support.customerID] ?? "", role: nil),
          createdAt: conversation.createdAt, waitingSince: support.since,
          lastMessage: messages[conversation.id].map(LastMessageView.init))
      }
    }
    return PageView(items: items, next: page.next { $0.supportPlace?.text })
  }

  private func messages(in ids: [ConversationID]) async throws -> [ConversationID: LastMessage] {
    let (known, heads) = (try await newest(of: ids), try await log.heads(of: ids))
    var messages: [ConversationID: LastMessage] = [:]
    for id in ids {
      guard let head = heads[id] else { continue }
      // The order of the queue does not go by messages.
      messages[id] = try await activity.repair(id, head, known[id], knownOrdinal: head.ordinal)
    }
    return messages
  }
}

/// A support conversation as the queue shows it.
struct SupportRequestView: Encodable {
  let id: ConversationID
  let title: String?
  let customer: MemberView
  let createdAt: Timestamp
  let waitingSince: Timestamp
  let lastMessage: LastMessageView?
}

extension Conversation {
  /// Its place in a list of support conversations by how long they wait; `nil` for others.
  var supportPlace: TimeCursor<ConversationSubject>? { support.map { TimeCursor($0.since, id) } }
}
