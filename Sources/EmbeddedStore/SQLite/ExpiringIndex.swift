// Removing the documents whose time has passed.

public import ArchiveCore
import Synchronization

/// An index whose documents go away when the time in its field has passed.
struct ExpiringIndex: Hashable, Sendable {
  let collection: CollectionName
  let path: FieldPath

  static func all(of schema: CollectionSchema) -> [ExpiringIndex] {
    schema.indexes.filter { $0.kind == .expiring }.map { index in
      ExpiringIndex(collection: schema.name, path: index.keys[0].path)
    }
  }
}

extension SQLiteDocumentStore {
  /// Removes at most so many expired documents of each expiring index; returns how many went.
  public func removeExpired(limit: Int) async throws(StoreError) -> Int {
    let now = surroundings.now()
    var count = 0
    for index in expiring.withLock({ Array($0) }) {
      let expired = FilterSQL(.lessOrEqual(index.path, .time(now)))
      let table = CollectionTable.name(index.collection)
      let sql =
        "DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) WHERE \(expired.sql) "
        + "ORDER BY \(FilterSQL.value(at: index.path)) LIMIT ?)"
      let values = expired.values + [.integer(Int64(max(0, limit)))]
      count += try await write { (session) throws(StoreError) in
        try session.connection.run(sql, values)
        return session.connection.changedRowCount
      }
    }
    return count
  }

  /// Removes expired documents from time to time until the task is cancelled.
  /// A failure is told to the closure and tried again: an expired document does no harm.
  public func run(onFailure: @Sendable (StoreError) -> Void) async {
    while !Task.isCancelled {
      do {
        try await surroundings.sleep(settings.expiryInterval)
      } catch {
        return
      }
      do throws(StoreError) {
        while try await removeExpired(limit: settings.expiryBatch) >= settings.expiryBatch {}
      } catch {
        onFailure(error)
      }
    }
  }
}
