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
    let place = try cursor.map { try ListCursor($0, of: caller.userID) }
    await activity.settleIfPossible()
    let found = try await members.find(
      where: .and([.equal("userId", caller.userID.stored), .missing("hiddenAt")]),
      sort: [.descending("activityAt")], limit: limit + 1, after: place?.position)
    let page = found.prefix(limit)
    let views = try await views(of: page, for: caller)
    let next = found.count > limit ? page.last.map { ListCursor(behind: $0).text } : nil
    return PageView(items: views, next: next)
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

/// Where a page of the list ended: opaque to clients, valid for one user.
struct ListCursor {
  private let activityAt: Timestamp
  private let memberID: String

  init(behind member: Member) {
    activityAt = member.activityAt
    memberID = Member.id(member.conversationID, member.userID)
  }

  init(_ text: String, of user: UserID) throws {
    guard let (time, conversation) = Self.parts(text) else { throw Self.invalid }
    activityAt = time
    memberID = Member.id(conversation, user)
  }

  /// The time and the conversation that such a cursor holds.
  static func parts(_ text: String) -> (Timestamp, ConversationID)? {
    guard text.utf8.count <= 256, let bytes = Base64URL.decode(text) else { return nil }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard parts.count == 2, let time = Timestamp(parts[0]),
      let conversation = ConversationID(String(parts[1]))
    else { return nil }
    return (time, conversation)
  }

  var text: String {
    Base64URL.encode("\(activityAt) \(memberID.prefix { $0 != "/" })".utf8)
  }

  /// The cursor in the order «activity, newest first».
  var position: PageCursor { PageCursor(values: [.time(activityAt), .string(memberID)]) }

  static let invalid = ServiceError.field("cursor", "is not a cursor of this list")
}
