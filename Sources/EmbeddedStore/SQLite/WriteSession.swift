// What one write sees while it runs on the writer's thread.

import ArchiveCore

/// The writer's connection, and the changes that are to be published once they are durable.
///
/// Lives on the writer's thread and nowhere else.
final class WriteSession {
  let connection: SQLiteConnection
  private let feed: ChangeFeed
  private(set) var changes: [PendingChange] = []

  init(connection: SQLiteConnection, feed: ChangeFeed) {
    (self.connection, self.feed) = (connection, feed)
  }

  /// Remembers a change if anybody listens to the collection.
  func note(_ kind: CollectionChange.Kind, _ document: Document, in collection: CollectionName) {
    guard feed.isFollowed(collection) else { return }
    changes.append(PendingChange(collection: collection, kind: kind, document: document))
  }

  var changeCount: Int { changes.count }

  func forgetChanges(from count: Int) {
    if changes.count > count { changes.removeSubrange(count...) }
  }

  func publish() {
    if !changes.isEmpty { feed.publish(changes) }
    changes.removeAll()
  }
}

/// A change that is not durable yet.
struct PendingChange: Sendable {
  let collection: CollectionName
  let kind: CollectionChange.Kind
  let document: Document
}
