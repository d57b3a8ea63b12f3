// The one way to change a conversation: the entry and the documents, both or neither.

import ArchiveCore

/// A conversation and all its members, as they are or as they are to be.
struct ConversationRecord: Sendable {
  var conversation: Conversation
  var members: [Member]

  func member(_ user: UserID) -> Member? { members.first { $0.userID == user } }

  /// The caller's place; to who has none the conversation does not exist.
  func member(_ caller: Caller) throws -> Member {
    guard let member = member(caller.userID) else { throw ServiceError.noSuchConversation }
    return member
  }

  mutating func setRole(_ role: MemberRole, of user: UserID) {
    for index in members.indices where members[index].userID == user { members[index].role = role }
  }

  mutating func remove(_ user: UserID) { members.removeAll { $0.userID == user } }
}

/// What somebody wants to be different, and the entry that says so.
struct PlannedChange: Sendable {
  let kind: EntryKind
  var data: [String: DocumentValue] = [:]
  let record: ConversationRecord
  /// What the audit log is to say of it, in the same transaction.
  var audit: AuditEvent?
  /// Where members come: what they may read of what was said before the entry that names them.
  var history: SharedHistory?
}

/// Carries out changes of conversations.
///
/// The entry in the log, the conversation's document and those of its members change in one transaction, so
/// a process that dies at any moment leaves all of it or nothing, and there is nothing to repair. Each change expects
/// the revision that it was planned from: two at once are done one after the other, and the second is planned
/// anew from what the first left. What rights a plan needs it must check itself, on the record it is given.
struct ConversationChanges: Sendable {
  private let documents: any DocumentStore
  private let conversations: Collection<Conversation>
  private let members: Collection<Member>
  private let log: ConversationLog
  private let activity: ActivityRecorder
  private let audit: AuditLog
  private let settings: ServiceSettings.Conversations

  /// How often a change is planned anew because another one came first.
  private static let attemptLimit = 16

  init(
    documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder,
    audit: AuditLog, settings: ServiceSettings.Conversations
  ) {
    self.documents = documents
    conversations = Collection(in: documents)
    members = Collection(in: documents)
    (self.log, self.activity, self.audit, self.settings) = (log, activity, audit, settings)
  }

  /// Plans and carries out a change; a plan that is `nil` finds everything as it should be. With nobody as its `actor`
  /// it is the server's own.
  ///
  /// Throws what the plan throws, `notFound` for a conversation that is not there, `busy` when others keep
  /// coming first.
  func callAsFunction(
    _ id: ConversationID, by actor: UserID?,
    _ plan: (ConversationRecord) async throws -> PlannedChange?
  ) async throws {
    for _ in 0..<Self.attemptLimit {
      let record = try await record(id)
      guard let change = try await plan(record) else { return }
      let draft = EntryDraft(
        change.kind, in: id, by: actor, data: change.data.isEmpty ? nil : change.data)
      let audited = try change.audit.map { [try audit.step($0)] } ?? []
      do throws(StoreError) {
        let appended = try await log.append(draft) { (entry) throws(StoreError) in
          try steps(from: record, by: change, entry) + audited
        }
        await activity.note(appended.entry)
        return
      } catch {
        guard error.kind == .conflict else { throw error }
      }
    }
    throw ServiceError(
      .busy, "others keep changing the conversation, try again", retryAfter: .seconds(1))
  }

  /// The conversation first, its members second: were the members newer, the revision would be too.
  private func record(_ id: ConversationID) async throws -> ConversationRecord {
    guard let conversation = try await conversations.find(id: id.description),
      conversation.deletedAt == nil
    else { throw ServiceError.noSuchConversation }
    let all = try await members.find(
      where: .equal("conversationId", id.stored), limit: settings.memberLimit)
    return ConversationRecord(
      conversation: conversation,
      members: all.sorted { ($0.joinedAt, $0.userID) < ($1.joinedAt, $1.userID) })
  }

  private func steps(
    from before: ConversationRecord, by change: PlannedChange, _ entry: Entry
  ) throws(StoreError) -> [TransactionStep] {
    let wanted = change.record
    var conversation = wanted.conversation
    conversation.revision = before.conversation.revision + 1
    conversation.memberCount = Int64(wanted.members.count)
    conversation.firstMembers = wanted.firstMembers
    var steps: [TransactionStep] = [
      .update(
        Update(
          Conversation.schema.name, where: before.conversation.isUnchanged,
          try conversation.changes(since: before.conversation)),
        mustMatch: true)
    ]
    for member in wanted.members {
      guard let old = before.member(member.userID) else {
        let newcomer = change.placed(member, by: entry)
        steps.append(.insert(try newcomer.document(), into: Member.schema.name))
        continue
      }
      guard old.role != member.role else { continue }
      let update = Update(
        Member.schema.name, where: .id(member.id), [.set("role", .string(member.role.rawValue))])
      steps.append(.update(update, mustMatch: true))
    }
    for member in before.members where wanted.member(member.userID) == nil {
      steps.append(.delete(Member.schema.name, where: .id(member.id)))
    }
    return steps
  }
}

extension PlannedChange {
  /// A new member as the entry finds it: what was said before is not unread, and hidden where that is wished. Only the
  /// entry tells what «before» is: somebody may have said something since the change was planned.
  fileprivate func placed(_ member: Member, by entry: Entry) -> Member {
    guard let history else { return member }
    let before = LogHead(seq: entry.seq - 1, ordinal: entry.ordinal)
    return Member(
      member.userID, of: member.conversationID, member.kind ?? .group, role: member.role,
      at: member.joinedAt, read: before, hiddenSeq: history == .all ? 0 : before.seq)
  }
}

extension ConversationRecord {
  /// Those whom lists show: who was shown stays shown, others follow in the order of their coming.
  fileprivate var firstMembers: [UserID] {
    let present = members.map(\.userID)
    let shown = conversation.firstMembers.filter(present.contains)
    let others = present.filter { !shown.contains($0) }
    return Array((shown + others).prefix(Conversation.shownMembers))
  }
}

extension ServiceError {
  static let notAGroup = ServiceError(.conflict, "only the members of a group are changed")
}
