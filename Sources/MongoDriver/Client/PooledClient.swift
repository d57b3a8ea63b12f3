// One libmongoc client with its sessions: what one thread owns.

internal import CMongoc
internal import CMongocShims

/// The owner of one `mongoc_client_t` and of its sessions. Not `Sendable`: it lives and ends on one thread.
///
/// Operations go through one session, which numbers the writes so that a server can tell a repetition;
/// transactions have another, because libmongoc numbers those itself. Both are kept, so that numbers only grow.
final class PooledClient {
  /// Shared by all clients of the pool.
  var seen: SeenTime { pool.seen }
  private let pool: ClientPool
  private let client: OpaquePointer
  private var session: OpaquePointer?
  private var transactionSession: OpaquePointer?
  private var lastWriteNumber: Int64 = 0

  init(_ pool: ClientPool) throws(MongoError) {
    self.pool = pool
    client = try pool.takeClient()
  }

  deinit {
    for session in [session, transactionSession] {
      if let session { mongoc_client_session_destroy(session) }
    }
    pool.giveBack(client)
  }

  /// Sends one command once, and gives the answer, `ok` or with errors inside. Blocks.
  func send(
    _ command: BSONDocument, to database: String, server: UInt32 = 0, inTransaction: Bool = false
  ) throws(MongoError) -> BSONDocument {
    let session = try inTransaction ? runningTransaction() : plainSession()
    var (reply, error) = (mongoc_shim_reply(), bson_error_t())
    defer { mongoc_shim_reply_free(&reply) }
    let isRight = command.bytes.withUnsafeBufferPointer { bytes in
      mongoc_shim_command(
        client, session, server, database, bytes.baseAddress, bytes.count, &reply, &error)
    }
    let answer = try Self.document(reply)
    guard isRight else { throw MongoError(error, reply: answer) }
    guard let answer else { throw .badAnswer("all") }
    return answer
  }

  /// The primary, or one router, by libmongoc's number: a cursor goes on where it began.
  func selectServer() throws(MongoError) -> UInt32 {
    var error = bson_error_t()
    let server = mongoc_shim_select_server(client, &error)
    guard server != 0 else { throw MongoError(error, reply: nil) }
    return server
  }

  /// A number for one write and its repetitions. Before it the session is made anew if an earlier answer of
  /// it was lost: the server might still be busy with that, and would let the new write wait.
  func nextWriteNumber() throws(MongoError) -> Int64 {
    if let session, mongoc_client_session_get_dirty(session) {
      mongoc_client_session_destroy(session)
      self.session = nil
    }
    _ = try plainSession()
    lastWriteNumber += 1
    return lastWriteNumber
  }

  private func plainSession() throws(MongoError) -> OpaquePointer {
    if let session { return session }
    let made = try newSession()
    (session, lastWriteNumber) = (made, 0)
    return made
  }

  private func newSession() throws(MongoError) -> OpaquePointer {
    var error = bson_error_t()
    guard let session = mongoc_shim_session_new(client, &error) else {
      throw MongoError(error, reply: nil)
    }
    return session
  }

  private static func document(_ reply: mongoc_shim_reply) throws(MongoError) -> BSONDocument? {
    guard let bytes = reply.bytes else { return nil }
    do throws(BSONError) {
      return try BSONDocument(
        copying: UnsafeRawBufferPointer(start: bytes, count: Int(reply.length)))
    } catch {
      throw .badAnswer("frame")
    }
  }
}

extension PooledClient {
  func startTransaction(commitLimit: Int64) throws(MongoError) {
    if let old = transactionSession, mongoc_client_session_get_dirty(old) {
      mongoc_client_session_destroy(old)
      transactionSession = nil
    }
    let session = if let transactionSession { transactionSession } else { try newSession() }
    transactionSession = session
    var error = bson_error_t()
    guard mongoc_shim_start_transaction(session, commitLimit, &error) else {
      throw MongoError(error, reply: nil)
    }
  }

  /// Commits once (libmongoc repeats it once by itself). May be called again after `UnknownTransactionCommitResult`.
  func commitTransaction() throws(MongoError) {
    let session = try runningTransaction()
    var (reply, error) = (mongoc_shim_reply(), bson_error_t())
    defer { mongoc_shim_reply_free(&reply) }
    let isRight = mongoc_shim_commit(session, &reply, &error)
    let answer = try Self.document(reply)
    if let answer, let failure = answer.writeConcernFailure { throw failure }
    guard isRight else { throw MongoError(error, reply: answer) }
    if let answer { seen.note(answer: answer) }
  }

  /// Aborts; when the server does not hear of it, it aborts by itself in time.
  func abortTransaction() {
    guard let transactionSession, mongoc_client_session_in_transaction(transactionSession) else {
      return
    }
    var error = bson_error_t()
    mongoc_client_session_abort_transaction(transactionSession, &error)
  }

  private func runningTransaction() throws(MongoError) -> OpaquePointer {
    guard let transactionSession else { throw MongoError(.refused, "no transaction was begun") }
    return transactionSession
  }
}

extension BSONDocument {
  /// The error in an answer that says `ok: 1` nevertheless, where the write is not known to be durable.
  var writeConcernFailure: MongoError? {
    guard let error = self["writeConcernError"]?.asDocument else { return nil }
    return MongoError(
      writeConcernError: error, labels: self["errorLabels"]?.asArray?.compactMap(\.asString) ?? [])
  }
}
