// The limit for appends: SQLite itself, one insert and one commit at a time, with the same durability.

import ArchiveCore
import CSQLite
import Foundation

/// A table like the buffer's, without an index of its own, and a prepared insert.
final class BareSQLite {
  private var database: OpaquePointer?
  private var insert: OpaquePointer?
  private let path: String
  private var count = 0

  init(in parent: String) throws {
    path = parent + "/bare-\(UUID().uuidString).sqlite"
    try check(sqlite3_open(path, &database))
    for sql in [
      "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
      "CREATE TABLE entries (id TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID",
    ] { try check(sqlite3_exec(database, sql, nil, nil, nil)) }
    try check(
      sqlite3_prepare_v2(database, "INSERT INTO entries VALUES (?, ?)", -1, &insert, nil))
  }

  /// One row, durable when it returns.
  func append(_ document: String) throws {
    count += 1
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let id = "01JD0000000000000000000000/\(String(1_000_000_000_000 + count).dropFirst())"
    try check(sqlite3_bind_text(insert, 1, id, -1, transient))
    try check(sqlite3_bind_text(insert, 2, document, -1, transient))
    guard sqlite3_step(insert) == SQLITE_DONE else { throw BenchError("insert failed") }
    try check(sqlite3_reset(insert))
  }

  func close() {
    sqlite3_finalize(insert)
    sqlite3_close(database)
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw BenchError("SQLite answers \(code)") }
  }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
