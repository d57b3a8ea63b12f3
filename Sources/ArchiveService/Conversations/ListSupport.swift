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
    let place = try cursor.map { try SupportCursor($0) }
    await activity.settleIfPossible()
    let found = try await conversations.find(
      where: .equal("support.status", .string(SupportState.Status.waiting.rawValue)),
      sort: [.ascending("support.since")], limit: limit + 1, after: place?.position)
    let page = found.prefix(limit)
    let customers = try await names(of: page.compactMap(\.support?.customerID))
    let messages = try await messages(in: page.map(\.id))
    let items = page.compactMap { conversation in
      conversation.support.map { support in
        SupportRequestView(
          id: conversation.id, title: conversation.title,
          customer: MemberView(
            id: support.customerID, name: customers[support.customerID] ?? "", role: nil),
          createdAt: conversation.createdAt, waitingSince: support.since,
          lastMessage: messages[conversation.id].map(LastMessageView.init))
      }
    }
    let next = found.count > limit ? page.last.flatMap { SupportCursor($0)?.text } : nil
    return PageView(items: items, next: next)
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

/// Where a page of the queue ended.
struct SupportCursor {
  private let since: Timestamp
  private let id: ConversationID

  init?(_ conversation: Conversation) {
    guard let support = conversation.support else { return nil }
    (since, id) = (support.since, conversation.id)
  }

  init(_ text: String) throws {
    guard let (time, id) = ListCursor.parts(text) else { throw ListCursor.invalid }
    (since, self.id) = (time, id)
  }

  var text: String { Base64URL.encode("\(since) \(id)".utf8) }

  /// The cursor in the order «waiting longest first».
  var position: PageCursor { PageCursor(values: [.time(since), id.stored]) }
}
