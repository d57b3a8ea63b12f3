// The file archive.sqlite: how it is created, opened and recognised.

import ArchiveCore
import Foundation

/// Opens connections to the database file in a directory.
struct DatabaseFile {
  /// The layout that this program writes; a file with a higher number is of a newer program.
  static let layoutVersion: Int64 = 1
  /// «CAS1», so that another program's database is not taken for ours.
  static let applicationID: Int64 = 0x4341_5331

  let path: String
  let settings: SQLiteSettings

  init(directory: String, settings: SQLiteSettings) {
    path = URL(filePath: directory, directoryHint: .isDirectory)
      .appending(path: "archive.sqlite").path(percentEncoded: false)
    self.settings = settings
  }

  /// The writer's connection; creates and checks the file.
  func openWriter() throws(StoreError) -> SQLiteConnection {
    try createWithPrivateMode()
    let connection = try connect(cacheBytes: settings.writerCacheBytes)
    try recognise(connection)
    try useWriteAheadLog(connection)
    try connection.run("PRAGMA synchronous = \(settings.isDurable ? "FULL" : "OFF")")
    // The page at the tail of a busy conversation changes with every commit: it is written back to the
    // file once for each checkpoint, so checkpoints are four times as rare as by default (16 MB of log).
    try connection.run("PRAGMA wal_autocheckpoint = 4000")
    try connection.run("BEGIN IMMEDIATE")
    try connection.run("PRAGMA application_id = \(Self.applicationID)")
    try connection.run("PRAGMA user_version = \(Self.layoutVersion)")
    try connection.run("COMMIT")
    return connection
  }

  /// Some file systems cannot share the log's index; SQLite then silently keeps its old journal.
  private func useWriteAheadLog(_ connection: SQLiteConnection) throws(StoreError) {
    var mode = ""
    try connection.forEachRow("PRAGMA journal_mode = WAL") { row in mode = row.text(0) }
    guard mode == "wal" else {
      throw StoreError(
        .refused, "the file system does not support a write-ahead log path=`\(path)`",
        hint: "use a local file system")
    }
  }

  /// A connection that only asks. (It is opened for writing, because readers of a WAL share its index.)
  func openReader() throws(StoreError) -> SQLiteConnection {
    let connection = try connect(cacheBytes: settings.readerCacheBytes)
    try connection.run("PRAGMA query_only = ON")
    return connection
  }

  private func connect(cacheBytes: Int) throws(StoreError) -> SQLiteConnection {
    let connection = try SQLiteConnection(
      path: path, statementLimit: settings.statementLimit,
      busyTimeoutMilliseconds: settings.busyTimeoutMilliseconds)
    // A negative number is one of KiB.
    try connection.run("PRAGMA cache_size = -\(max(1, cacheBytes >> 10))")
    try connection.run("PRAGMA temp_store = MEMORY")
    return connection
  }

  private func recognise(_ connection: SQLiteConnection) throws(StoreError) {
    let version = try connection.integer("PRAGMA user_version")
    let owner = try connection.integer("PRAGMA application_id")
    let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
    if version > Self.layoutVersion {
      throw StoreError(
        .refused, "the database is of a newer program version=`\(version)` path=`\(path)`",
        hint: "run the newer program")
    }
    if owner != Self.applicationID, owner != 0 || !isEmpty {
      throw StoreError(
        .refused, "the file is another program's database path=`\(path)`",
        hint: "choose another directory")
    }
  }

  /// SQLite gives the log and its index the mode of the database. The directory is flushed, because
  /// a commit does not make the new file's name durable.
  private func createWithPrivateMode() throws(StoreError) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw unavailable }
    close(file)
    let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    let handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw unavailable }
    let code = fsync(handle)
    close(handle)
    guard code == 0 else { throw unavailable }
  }

  private var unavailable: StoreError {
    let code = errno
    let reason = String(cString: strerror(code))
    return StoreError(
      code == EACCES || code == EPERM || code == EROFS ? .refused : .unavailable,
      "the database file cannot be opened path=`\(path)` reason=`\(reason)`",
      hint: "look at the directory and its permissions")
  }
}
