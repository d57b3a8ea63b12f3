// The table and the indexes of one collection, as SQL.

import ArchiveCore

/// What a collection is on disk: one table of identifiers and JSON, and an index per declaration.
///
/// A unique index on one field holds only the documents that have it, so the others cost nothing on
/// insertion. One on several fields needs no such condition: SQLite takes a missing value for different
/// from every other, and the index then also serves questions that do not bound all its fields.
struct CollectionTable {
  let schema: CollectionSchema

  static func name(_ collection: CollectionName) -> String { "\"\(collection)\"" }

  var creation: String {
    "CREATE TABLE \(Self.name(schema.name)) "
      + "(id TEXT PRIMARY KEY NOT NULL, document TEXT NOT NULL) WITHOUT ROWID"
  }

  /// Index names are global in SQLite, and a collection's name has no dot.
  func name(_ index: CollectionIndex) -> String { "\(schema.name).\(index.name)" }

  func creation(_ index: CollectionIndex) -> String {
    let keys = index.keys.map { key in
      FilterSQL.value(at: key.path) + (key.descending ? " DESC" : "")
    }
    var sql = index.kind == .unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX"
    sql += " \"\(name(index))\" ON \(Self.name(schema.name)) (\(keys.joined(separator: ", ")))"
    if index.kind == .unique && index.keys.count == 1 {
      sql += " WHERE \(FilterSQL.value(at: index.keys[0].path)) IS NOT NULL"
    }
    // Only times expire, and the condition tells the definition from that of a plain index.
    if index.kind == .expiring {
      sql += " WHERE \(FilterSQL.type(at: index.keys[0].path)) IN ('real')"
    }
    return sql
  }

  /// Creates what is missing; `refused` where something else has the name.
  func prepare(on connection: SQLiteConnection) throws(StoreError) {
    guard !schema.name.description.lowercased().hasPrefix("sqlite_") else {
      throw StoreError(.invalid, "sqlite keeps that name to itself collection=`\(schema.name)`")
    }
    try create(schema.name.description, creation, on: connection)
    for index in schema.indexes { try create(name(index), creation(index), on: connection) }
  }

  private func create(_ name: String, _ sql: String, on connection: SQLiteConnection)
    throws(StoreError)
  {
    var present: String?
    // Names differ in more than case here, but not for SQLite.
    try connection.forEachRow(
      "SELECT sql FROM sqlite_schema WHERE lower(name) = lower(?)", [.text(Array(name.utf8))]
    ) { row in present = row.text(0) }
    guard let present else { return try connection.run(sql) }
    if present != sql {
      throw StoreError(
        .refused, "the database defines it otherwise name=`\(name)`",
        hint: "give a changed index another name")
    }
  }
}
