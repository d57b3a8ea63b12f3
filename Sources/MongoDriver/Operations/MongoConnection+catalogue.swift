// Commands of any kind, collections and indexes.

extension MongoConnection {
  /// Sends a command once, as it is but for the deadline, and gives the answer.
  ///
  /// - Parameter changes: whether it changes something; then its broken answer is an `unknownOutcome`. What it
  ///   waits for (its write concern) is the caller's.
  public func run(_ command: BSONDocument, on database: String? = nil, changes: Bool = true)
    throws(MongoError) -> BSONDocument
  {
    do throws(MongoError) {
      try job.begin(isChanging: changes && transaction == nil)
      let answer = try client.send(
        command, to: database ?? settings.database, inTransaction: transaction != nil)
      if let failure = answer.writeConcernFailure { throw failure }
      if let failed = try firstWriteError(in: answer) { throw failed.error }
      return answer
    } catch {
      transaction?.note(error)
      throw changes && transaction == nil && error.leavesWriteOpen ? error.asUnknownOutcome : error
    }
  }

  /// Creates indexes that are missing, and the collection.
  ///
  /// Building one on many documents takes longer than a connection may be silent: it is asked for again, until the
  /// deadline, and the server goes on meanwhile.
  /// - Throws: `refused` when an index of that name or of those keys is defined otherwise.
  public func createIndexes(_ collection: String, _ indexes: [BSONDocument]) throws(MongoError) {
    while true {
      do throws(MongoError) {
        _ = try send(.writes) { writer in
          writer.append("createIndexes", collection)
          writer.append("indexes", indexes)
        }
        return
      } catch {
        guard error.isBreak, job.millisecondsLeft > 0 else { throw error }
      }
    }
  }

  /// The indexes of a collection; none where there is no such collection.
  public func listIndexes(_ collection: String) throws(MongoError) -> [BSONDocument] {
    do throws(MongoError) {
      return try collect(.asks, collection) { writer in
        writer.append("listIndexes", collection)
        writer.document("cursor") { _ in }
      }
    } catch {
      guard error.kind == .notFound else { throw error }
      return []
    }
  }

  /// The collections of the database.
  public func listCollections() throws(MongoError) -> [BSONDocument] {
    try collect(.asks, "$cmd.listCollections") { writer in
      writer.append("listCollections", Int32(1))
      writer.document("cursor") { _ in }
    }
  }
}
