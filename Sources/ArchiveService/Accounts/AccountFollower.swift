// What other nodes do with accounts and sessions, heard within moments.

import ArchiveCore
import Logging

/// Follows the changes of users and sessions on a store that several nodes share.
///
/// So a session that ends on one node, or a role that changes there, is forgotten on all, and whoever holds something
/// open for it is told (`SessionEnds`). After a break, everything may have changed.
struct AccountFollower: Sendable {
  let documents: any DocumentStore
  let callers: Callers
  let ends: SessionEnds
  let surroundings: Surroundings
  let logger: Logger

  /// Follows until cancelled; on a store of one process there is nothing to hear.
  func run() async {
    guard documents.isShared else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await follow(Session.schema.name) { heard(session: $0) } }
      group.addTask { await follow(User.schema.name) { heard(user: $0) } }
    }
  }

  private func follow(_ collection: CollectionName, _ heard: (Document) -> Void) async {
    let follower = ChangeFollower(
      collection: collection, documents: documents, surroundings: surroundings, logger: logger)
    await follower.run(
      opened: { opening in
        guard opening == .anew else { return }
        callers.forgetAll()
        ends.publish(.unknown)
      },
      broke: {}, heard: { heard($0.document) })
  }

  private func heard(session document: Document) {
    // All others are marks of presence and refreshes.
    guard document["endedAt"] != nil, let id = document.id.flatMap({ SessionID($0) }) else {
      return
    }
    callers.forget(id)
    ends.publish(.session(id))
  }

  private func heard(user document: Document) {
    guard let id = document.id.flatMap({ UserID($0) }) else { return }
    callers.forget(id)
    ends.publish(.some(of: id))
  }
}
