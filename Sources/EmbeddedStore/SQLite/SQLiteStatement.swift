// One prepared statement: the owner of its C handle.

import ArchiveCore
import CSQLite

/// A value that is bound to a statement.
enum SQLValue: Sendable {
  case integer(Int64)
  case real(Double)
  /// UTF-8, except that the upper bound of a prefix need not be valid.
  case text([UInt8])
}

/// A prepared statement of one connection, used on that connection's thread only.
///
/// Every bound value is copied by SQLite, so no pointer outlives a call.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  private let sql: String
  var lastUse = 0

  /// Borrows the connection's handle; the connection drops its statements before it closes.
  init(_ sql: String, on connection: OpaquePointer) throws(StoreError) {
    var prepared: OpaquePointer?
    let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
    let code = sqlite3_prepare_v3(connection, sql, -1, flags, &prepared, nil)
    guard code == SQLITE_OK, let prepared else {
      throw SQLiteFailure(handle: connection, sql: sql).storeError
    }
    (handle, self.connection, self.sql) = (prepared, connection, sql)
  }

  deinit { sqlite3_finalize(handle) }

  func bind(_ values: [SQLValue]) throws(StoreError) {
    var column: Int32 = 0
    for value in values {
      column += 1
      switch value {
      case .integer(let number): try check(sqlite3_bind_int64(handle, column, number))
      case .real(let number): try check(sqlite3_bind_double(handle, column, number))
      case .text(let bytes): try bind(text: bytes[...], at: column)
      }
    }
  }

  func bind(text bytes: ArraySlice<UInt8>, at column: Int32) throws(StoreError) {
    let code = bytes.withUnsafeBytes { buffer in
      // An empty buffer may have no address, and SQLite takes no address for NULL.
      let start = buffer.baseAddress ?? UnsafeRawPointer(handle)
      return sqlite3_bind_text64(
        handle, column, start.assumingMemoryBound(to: CChar.self), UInt64(buffer.count),
        copied, UInt8(SQLITE_UTF8))
    }
    try check(code)
  }

  /// Whether there is a row.
  func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw SQLiteFailure(handle: connection, sql: sql).storeError
    }
  }

  /// Makes the statement ready for the next use and lets go of what was bound.
  func reset() {
    // The code repeats the error of the last step, which was thrown there.
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// A copy of the bytes of a text column.
  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, column))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  private func check(_ code: Int32) throws(StoreError) {
    guard code == SQLITE_OK else {
      throw SQLiteFailure(handle: connection, sql: sql).storeError
    }
  }
}

/// `SQLITE_TRANSIENT`, a cast in C that Swift does not import: SQLite copies before it returns.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
