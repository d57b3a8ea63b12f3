// Source and target side by side, once everything was copied.

/// Walks one collection of both places in step and stops at the first difference.
///
/// So counts, archived ends and chain heads are the same because every document is.
struct DocumentComparison: Sendable {
  private let schema: CollectionSchema
  private let passing: Timestamp
  private var source: DocumentWalk
  private var target: DocumentWalk

  /// What expires by then may be gone on one side: clocks differ, and a comparison takes its time.
  private static let margin = Duration.seconds(24 * 3600)

  init(_ schema: CollectionSchema, _ migration: ArchiveMigration) {
    self.schema = schema
    passing = migration.surroundings.now().advanced(by: Self.margin)
    source = DocumentWalk(schema, in: migration.source.documents, migration)
    target = DocumentWalk(schema, in: migration.target.documents, migration)
  }

  /// Compares the next document; false at the end. `conflict` names the one that differs.
  mutating func next() async throws(StoreError) -> Bool {
    let original = try await Self.next(of: &source, schema, passing)
    let copy = try await Self.next(of: &target, schema, passing)
    switch (original, copy) {
    case (nil, nil): return false
    case (let original?, nil): throw MigrationDifference.missing(schema.name, original)
    case (nil, let copy?): throw MigrationDifference.surplus(schema.name, copy)
    case (let original?, let copy?):
      if original == copy { return true }
      let order = DocumentValue.string(original.id ?? "").order(against: .string(copy.id ?? ""))
      guard order == 0 else {
        throw order ?? 0 < 0
          ? MigrationDifference.missing(schema.name, original)
          : MigrationDifference.surplus(schema.name, copy)
      }
      throw MigrationDifference.other(schema.name, original)
    }
  }

  private static func next(
    of walk: inout DocumentWalk, _ schema: CollectionSchema, _ passing: Timestamp
  ) async throws(StoreError) -> Document? {
    while let document = try await walk.next() {
      if !schema.mayRemove(document, before: passing) { return document }
    }
    return nil
  }
}
