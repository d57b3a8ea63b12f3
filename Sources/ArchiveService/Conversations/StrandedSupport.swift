// Support conversations whose agent is none any more go back to the queue.

import ArchiveCore
import Logging

/// Finds what is in the charge of somebody who is not of the staff any more, or whose account is out of use.
///
/// It looks again and again, on every node, instead of acting when a role changes: whatever dies in between, no customer
/// writes to nobody for longer than a round.
struct StrandedSupport: Sendable {
  private static let interval = Duration.seconds(30)
  private static let page = 200

  private let conversations: Collection<Conversation>
  private let users: Collection<User>
  private let support: SupportWork
  private let surroundings: Surroundings
  private let logger: Logger

  init(
    documents: any DocumentStore, support: SupportWork, surroundings: Surroundings, logger: Logger
  ) {
    (conversations, users) = (Collection(in: documents), Collection(in: documents))
    (self.support, self.surroundings, self.logger) = (support, surroundings, logger)
  }

  /// Until cancelled.
  func run() async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(Self.interval) } catch { return }
      do {
        try await round()
      } catch {
        logger.warning(
          "support conversations without an agent could not be looked for",
          metadata: ["error": "\(error)"])
      }
    }
  }

  /// Looks at everything that somebody has in charge.
  func round() async throws {
    var place: PageCursor?
    repeat {
      let taken = try await conversations.find(
        where: .equal("support.status", .string(SupportState.Status.taken.rawValue)),
        sort: [.ascending("support.since")], limit: Self.page, after: place)
      let staff = try await staff(among: Set(taken.compactMap(\.support?.agentID)))
      for conversation in taken {
        guard let agent = conversation.support?.agentID, !staff.contains(agent) else { continue }
        try await support.release(conversation.id, from: agent)
      }
      place = taken.count == Self.page ? taken.last?.supportPlace?.position : nil
    } while place != nil
  }

  private func staff(among ids: Set<UserID>) async throws -> Set<UserID> {
    guard !ids.isEmpty else { return [] }
    let found = try await users.find(
      where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    return Set(found.filter { $0.isWorkingStaff }.map(\.id))
  }
}
