// An admin looks for conversations by person, kind and time.

import ArchiveCore

/// Lists conversations without being in them. What was said in them stays unread.
///
/// With a person it goes along that person's places, newest activity first; without one along all conversations, the
/// newest first. What a request may look at is bounded, so a page may be short, or empty, while `next` goes on.
struct ListArchives: Sendable {
  /// Which conversations are wanted; what is `nil` is not asked for.
  struct Wanted: Sendable {
    /// Who is in them now.
    var person: UserID?
    var kind: ConversationKind?
    /// Something happened in them at this moment or later.
    var from: Timestamp?
    /// They began before this moment.
    var before: Timestamp?
  }

  /// A conversation that was looked at, with its place in the list.
  private struct Candidate {
    let id: ConversationID
    let place: String
    /// What is known of its newest activity without a look at the log.
    let activityAt: Timestamp?
    let ordinal: Int64
  }

  /// Places that are looked at together.
  private static let batch = 200

  private let members: Collection<Member>
  private let conversations: Collection<Conversation>
  private let names: UserNames
  private let newest: LastMessages
  private let log: ConversationLog
  private let activity: ActivityRecorder
  private let settings: ServiceSettings.Archives

  init(
    documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder,
    settings: ServiceSettings.Archives
  ) {
    members = Collection(in: documents)
    conversations = Collection(in: documents)
    names = UserNames(documents: documents)
    newest = LastMessages(documents: documents)
    (self.log, self.activity, self.settings) = (log, activity, settings)
  }

  func callAsFunction(_ caller: Caller, _ wanted: Wanted, limit: Int, cursor: String?) async throws
    -> PageView<ArchivedConversationView>
  {
    try caller.requireAdmin()
    await activity.settleIfPossible()
    var (place, found): (String?, [ArchivedConversationView]) = (cursor, [])
    for _ in 0..<max(1, settings.searchBudget / Self.batch) {
      let candidates = try await candidates(wanted, behind: place)
      for candidate in try await views(of: candidates, wanted) {
        if let view = candidate.view { found.append(view) }
        place = candidate.place
        if found.count == limit { return PageView(items: found, next: place) }
      }
      if candidates.count < Self.batch { return PageView(items: found, next: nil) }
    }
    return PageView(items: found, next: place)
  }

  /// The next places, in the order of the list.
  private func candidates(_ wanted: Wanted, behind cursor: String?) async throws -> [Candidate] {
    guard let person = wanted.person else { return try await candidatesOfAll(wanted, cursor) }
    let place = try cursor.map { try TimeCursor<ConversationSubject>($0) }
    var conditions: [Filter] = [.equal("userId", person.stored)]
    if let from = wanted.from { conditions.append(.greaterOrEqual("activityAt", .time(from))) }
    let found = try await members.find(
      where: .and(conditions), sort: [.descending("activityAt")], limit: Self.batch,
      after: place?.position(of: person))
    return found.map {
      Candidate(
        id: $0.conversationID, place: TimeCursor(behind: $0).text, activityAt: $0.activityAt,
        ordinal: $0.activityOrdinal)
    }
  }

  private func candidatesOfAll(_ wanted: Wanted, _ cursor: String?) async throws -> [Candidate] {
    let place = try cursor.map { try TimeCursor<ConversationSubject>($0) }
    let found = try await conversations.find(
      where: place.map { .less("id", $0.id.stored) } ?? .everything, sort: [.descending("id")],
      limit: Self.batch)
    return found.map {
      Candidate(
        id: $0.id, place: TimeCursor<ConversationSubject>($0.createdAt, $0.id).text,
        activityAt: nil, ordinal: 0)
    }
  }

  /// Each place in order, with what is shown of it where it is wanted.
  private func views(of candidates: [Candidate], _ wanted: Wanted) async throws
    -> [(place: String, view: ArchivedConversationView?)]
  {
    let ids = candidates.map(\.id)
    guard !ids.isEmpty else { return [] }
    let found = try await conversations.find(
      where: .oneOf("id", ids.map(\.stored)), limit: ids.count
    ).filter { wanted.kind == nil || $0.kind == wanted.kind }
      .filter { conversation in wanted.before.map { conversation.createdAt < $0 } ?? true }
    let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    let names = try await names(of: found.flatMap(\.firstMembers))
    let heads = try await log.heads(of: found.map(\.id))
    let ends = try await log.catalog.ends(of: found.map(\.id))
    let newest = try await newest(of: found.map(\.id))
    var views: [(place: String, view: ArchivedConversationView?)] = []
    for candidate in candidates {
      guard let conversation = byID[candidate.id], let head = heads[candidate.id] else {
        views.append((candidate.place, nil))
        continue
      }
      let message = try await activity.repair(
        candidate.id, head, newest[candidate.id], knownOrdinal: candidate.ordinal)
      let last =
        [conversation.createdAt, candidate.activityAt, message?.createdAt]
        .compactMap(\.self).max() ?? conversation.createdAt
      let isWanted = wanted.from.map { last >= $0 } ?? true
      let shown = conversation.firstMembers.map {
        MemberView(id: $0, name: names[$0] ?? "", role: nil)
      }
      let view = ArchivedConversationView(
        conversation, shown, head: head, archived: ends[candidate.id], lastActivityAt: last)
      views.append((candidate.place, isWanted ? view : nil))
    }
    return views
  }
}
