// Which collections there are, and what their indexes make unique.

import ArchiveCore
import Synchronization

/// The schemas that this process prepared, or found in the database. Guarded by one mutex.
final class PreparedCollections: Sendable {
  private let unique = Mutex<[CollectionName: [CollectionIndex]]>([:])

  func note(_ schema: CollectionSchema) {
    unique.withLock { $0[schema.name] = schema.indexes.filter { $0.kind == .unique } }
  }

  /// A collection that another process prepared: nothing is known of its indexes.
  func note(_ name: CollectionName) {
    unique.withLock { if $0[name] == nil { $0[name] = [] } }
  }

  /// The unique indexes of a collection; `nil` for one that is not known.
  func uniqueIndexes(of name: CollectionName) -> [CollectionIndex]? {
    unique.withLock { $0[name] }
  }
}
