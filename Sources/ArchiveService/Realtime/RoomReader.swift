// What rooms read from the stores.

import ArchiveCore

/// Reads members of conversations, and messages as they are now.
struct RoomReader: Sendable {
  private let members: Collection<Member>
  private let log: ConversationLog
  private let memberLimit: Int

  init(documents: any DocumentStore, log: ConversationLog, memberLimit: Int) {
    members = Collection(in: documents)
    (self.log, self.memberLimit) = (log, memberLimit)
  }

  func members(of id: ConversationID) async throws(StoreError) -> [Member] {
    try await members.find(where: .equal("conversationId", id.stored), limit: memberLimit)
  }

  /// The message that an edit or a deletion is about, and the members who may not see it.
  func amended(by entry: Entry) async throws(StoreError) -> (Message, hiddenFrom: [UserID])? {
    guard let target = entry.target,
      let message = try await log.message(target, in: entry.conversationID)
    else { return nil }
    let hidden = Filter.and([
      .equal("conversationId", entry.conversationID.stored),
      .greaterOrEqual("hiddenSeq", .integer(target)),
    ])
    return (message, try await members.find(where: hidden, limit: memberLimit).map(\.userID))
  }
}
