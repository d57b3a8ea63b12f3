// What SQLite said went wrong, and what that means to the caller of a store.

import ArchiveCore
import CSQLite

/// The error of the last call on a connection. Holds SQL, never a bound value.
struct SQLiteFailure: Error, CustomStringConvertible {
  let code: Int32
  let text: String
  let sql: String

  /// Copies what the connection says; call it right after the failed call.
  init(handle: OpaquePointer, sql: String) {
    code = sqlite3_extended_errcode(handle)
    text = sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""
    self.sql = String(sql.prefix(300))
  }

  var description: String { "sqlite code=`\(code)` says=`\(text)` sql=`\(sql)`" }

  var storeError: StoreError {
    switch code & 0xFF {
    case SQLITE_CONSTRAINT:
      StoreError(.conflict, "a document like it is there index=`\(index)`", index: index)
    case SQLITE_FULL:
      error(.unavailable, "the disk is full", hint: "make room on the disk")
    case SQLITE_BUSY, SQLITE_LOCKED:
      error(
        .unavailable, "the database is locked", hint: "another process holds it; try again")
    case SQLITE_IOERR, SQLITE_CANTOPEN:
      error(
        .unavailable, "the database file cannot be read or written",
        hint: "look at the disk and the directory")
    case SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL:
      error(.unavailable, "sqlite could not finish", hint: "try again")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      error(.corrupt, "the database file is damaged", hint: "restore it from the archive")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      error(.refused, "the database file may not be written", hint: "look at its permissions")
    case SQLITE_ERROR where text == "malformed JSON":
      error(.corrupt, "a stored document is damaged")
    case SQLITE_ERROR where text.hasPrefix("no such table"):
      error(.invalid, "a collection was not prepared")
    default: error(.invalid, "sqlite refuses the statement")
    }
  }

  private func error(_ kind: StoreError.Kind, _ message: String, hint: String? = nil) -> StoreError
  {
    StoreError(kind, "\(message) sqliteCode=`\(code)`", hint: hint, cause: self)
  }

  /// `UNIQUE constraint failed: index 'entries.bySeq'`, or `…: entries.id` for the primary key.
  private var index: String {
    guard text.hasSuffix("'"), let dot = text.lastIndex(of: ".") else { return "id" }
    return String(text[text.index(after: dot)...].dropLast())
  }
}
