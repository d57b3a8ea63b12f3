// The objects of source and target side by side, once everything was copied.

/// Walks the lists of both stores in step and stops at the first difference in key or size.
struct ObjectComparison: Sendable {
  private var source: ObjectWalk
  private var target: ObjectWalk

  init(_ migration: ArchiveMigration) {
    source = ObjectWalk(migration.source.objects, migration.surroundings)
    target = ObjectWalk(migration.target.objects, migration.surroundings)
  }

  /// The next object, the same in both; `nil` at the end. `conflict` names the one that differs.
  mutating func next() async throws(StoreError) -> ObjectInfo? {
    let original = try await source.next()
    let copy = try await target.next()
    if original?.key == copy?.key, original?.sizeBytes == copy?.sizeBytes { return copy }
    let key = [original?.key, copy?.key].compactMap(\.self).min()
    throw StoreError(
      .conflict, "source and target do not hold the same objects key=`\(key?.description ?? "")`",
      hint: MigrationDifference.cure)
  }
}

/// Lists one store, a page at a time.
private struct ObjectWalk: Sendable {
  private let objects: any ObjectStore
  private let surroundings: Surroundings
  private var page: ArraySlice<ObjectInfo> = []
  private var after: ObjectKey?
  private var isAtEnd = false

  private static let pageLimit = 1000

  init(_ objects: any ObjectStore, _ surroundings: Surroundings) {
    (self.objects, self.surroundings) = (objects, surroundings)
  }

  mutating func next() async throws(StoreError) -> ObjectInfo? {
    if page.isEmpty, !isAtEnd {
      page = try await surroundings.patiently { [objects, after] () async throws(StoreError) in
        try await objects.list(prefix: "", after: after, limit: Self.pageLimit)
      }[...]
      isAtEnd = page.count < Self.pageLimit
      after = page.last?.key
    }
    return page.popFirst()
  }
}
