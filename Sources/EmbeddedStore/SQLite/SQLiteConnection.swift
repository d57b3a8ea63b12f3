// One connection to a SQLite file: the owner of the C handle and of its prepared statements.

import ArchiveCore
import CSQLite

/// A connection that one thread at a time uses. The handle never leaves this type.
///
/// Opened without SQLite's own mutexes, because its owner (a worker thread) is its only user.
/// `@unchecked Sendable`: it is made on the thread that opens the store and handed over to one
/// worker thread, which alone uses it from then on; the worker's queue orders the two.
final class SQLiteConnection: @unchecked Sendable {
  private let handle: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]
  private var clock = 0
  private var isClosed = false
  private let statementLimit: Int

  init(path: String, statementLimit: Int, busyTimeoutMilliseconds: Int32) throws(StoreError) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened else {
      throw StoreError(.unavailable, "sqlite cannot allocate a connection")
    }
    guard code == SQLITE_OK else {
      let error = SQLiteFailure(handle: opened, sql: "open").storeError
      sqlite3_close_v2(opened)
      throw error
    }
    sqlite3_extended_result_codes(opened, 1)
    sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
    (handle, self.statementLimit) = (opened, statementLimit)
  }

  deinit { close() }

  /// Closes the file. The connection must not be used again.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Whether a transaction is open; SQLite ends one by itself after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// How many rows the last INSERT, UPDATE or DELETE touched.
  var changedRowCount: Int { Int(sqlite3_changes64(handle)) }

  /// Runs a statement that returns no rows that matter.
  func run(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) {
    let statement = try self.statement(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() {}
  }

  /// Runs a statement and gives each row to the closure.
  func forEachRow(
    _ sql: String, _ values: [SQLValue] = [],
    _ body: (borrowing SQLiteStatement) throws(StoreError) -> Void
  ) throws(StoreError) {
    let statement = try self.statement(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() { try body(statement) }
  }

  /// The integer in the first column of the first row.
  func integer(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int64 {
    var result: Int64 = 0
    try forEachRow(sql, values) { row in result = row.integer(0) }
    return result
  }

  /// A prepared statement, from the cache where it is there. Reset it after use; never use it twice at once.
  func statement(_ sql: String) throws(StoreError) -> SQLiteStatement {
    precondition(!isClosed, "a closed connection was used")
    clock &+= 1
    if let cached = statements[sql] {
      cached.lastUse = clock
      return cached
    }
    if statements.count >= statementLimit,
      let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      statements[oldest.key] = nil
    }
    let statement = try SQLiteStatement(sql, on: handle)
    statement.lastUse = clock
    statements[sql] = statement
    return statement
  }
}
