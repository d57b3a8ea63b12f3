// Asking for documents.

/// A question to one collection.
public struct MongoQuery: Sendable {
  public var collection: String
  public var filter: BSONDocument
  public var sort: BSONDocument?
  public var projection: BSONDocument?
  /// At most so many documents; 0 for all.
  public var limit: Int
  /// How many documents the server sends at once; 0 for `limit`, or 1,000 where there is none. 16 MiB at most anyway.
  public var batchSize: Int
  /// The name of the index that must be used.
  public var hint: String?

  public init(
    _ collection: String, where filter: BSONDocument = BSONDocument(), sort: BSONDocument? = nil,
    projection: BSONDocument? = nil, limit: Int = 0, batchSize: Int = 0, hint: String? = nil
  ) {
    (self.collection, self.filter, self.sort, self.projection) = (
      collection, filter, sort, projection
    )
    (self.limit, self.batchSize, self.hint) = (limit, batchSize, hint)
  }

  func append(to writer: inout BSONWriter) {
    writer.append("find", collection)
    writer.append("filter", filter)
    if let sort { writer.append("sort", sort) }
    if let projection { writer.append("projection", projection) }
    if let hint { writer.append("hint", hint) }
    if limit > 0 { writer.append("limit", Int64(limit)) }
    let batch = batchSize > 0 ? batchSize : limit > 0 ? limit : 1000
    writer.append("batchSize", Int64(batch))
  }
}

extension MongoConnection {
  /// All documents that the question finds; the caller bounds them with `limit`.
  public func find(_ query: MongoQuery) throws(MongoError) -> [BSONDocument] {
    var found: [BSONDocument] = []
    try forEachBatch(of: query) { (batch) throws(MongoError) in
      if found.isEmpty { found = batch } else { found += batch }
      return true
    }
    return found
  }

  /// Gives the documents as the server sends them, until the closure says `false`.
  /// - Throws: `cursorLost` when the server has forgotten where it was.
  public func forEachBatch(
    of query: MongoQuery, _ body: ([BSONDocument]) throws(MongoError) -> Bool
  ) throws(MongoError) {
    try walk(.reads, query.collection, batchSize: query.batchSize, { query.append(to: &$0) }, body)
  }

  /// The documents that a pipeline gives.
  public func aggregate(_ collection: String, _ pipeline: [BSONDocument]) throws(MongoError)
    -> [BSONDocument]
  {
    try collect(.reads, collection) { writer in
      writer.append("aggregate", collection)
      writer.append("pipeline", pipeline)
      writer.document("cursor") { $0.append("batchSize", Int32(1000)) }
    }
  }

  /// How many documents satisfy the filter.
  public func count(_ collection: String, where filter: BSONDocument = BSONDocument())
    throws(MongoError) -> Int
  {
    // The command `count` counts orphans of shards, and does not work in transactions.
    let counted = try aggregate(
      collection,
      [["$match": .document(filter)], ["$group": ["_id": 1, "n": ["$sum": 1]]]])
    guard let first = counted.first else { return 0 }
    guard let number = first["n"]?.asInteger else { throw MongoError.badAnswer("n") }
    return Int(clamping: number)
  }

  /// How the server would answer the question.
  public func explain(_ query: MongoQuery) throws(MongoError) -> BSONDocument {
    try send(.asks) { writer in
      writer.document("explain") { query.append(to: &$0) }
      writer.append("verbosity", "queryPlanner")
    }
  }

  func collect(
    _ effect: CommandEffect, _ collection: String, _ build: (inout BSONWriter) -> Void
  ) throws(MongoError) -> [BSONDocument] {
    var found: [BSONDocument] = []
    try walk(effect, collection, batchSize: 0, build) { (batch) throws(MongoError) in
      if found.isEmpty { found = batch } else { found += batch }
      return true
    }
    return found
  }

  /// Sends a command that opens a cursor, and follows it.
  private func walk(
    _ effect: CommandEffect, _ collection: String, batchSize: Int,
    _ build: (inout BSONWriter) -> Void, _ body: ([BSONDocument]) throws(MongoError) -> Bool
  ) throws(MongoError) {
    // Where there are several routers, the one that has the cursor must be asked on.
    let (answer, server) = try send(effect, to: .noted, build)
    var batch = try CursorBatch(answer)
    while true {
      let isWanted: Bool
      do throws(MongoError) {
        isWanted = batch.documents.isEmpty ? true : try body(batch.documents)
      } catch {
        kill(batch.cursor, of: collection, server: server)
        throw error
      }
      guard batch.cursor != 0 else { return }
      guard isWanted else { return kill(batch.cursor, of: collection, server: server) }
      let cursor = batch.cursor
      batch = try CursorBatch(
        try send(.fetches, to: .exactly(server)) { writer in
          writer.append("getMore", cursor)
          writer.append("collection", collection)
          writer.append("batchSize", Int64(batchSize > 0 ? batchSize : 1000))
        }.answer)
    }
  }

  /// What fails here the server clears away by itself after ten minutes.
  private func kill(_ cursor: Int64, of collection: String, server: UInt32) {
    guard cursor != 0 else { return }
    do throws(MongoError) {
      _ = try client.send(
        ["killCursors": .string(collection), "cursors": [.int64(cursor)]], to: settings.database,
        server: server, inTransaction: transaction != nil)
    } catch {}
  }
}

/// What one answer brings of a cursor.
struct CursorBatch {
  var cursor: Int64 = 0
  var documents: [BSONDocument] = []
  /// Where a change stream goes on, if it is one.
  var resumeToken: BSONDocument?

  init(_ answer: BSONDocument) throws(MongoError) {
    var hasCursor = false
    do throws(BSONError) {
      try answer.read { (reader) throws(BSONError) in
        while try reader.next() {
          guard reader.isNamed("cursor") else { continue }
          hasCursor = true
          try reader.nested { (inner) throws(BSONError) in try read(&inner) }
        }
      }
    } catch {
      throw MongoError.badAnswer("cursor offset=`\(error.offset)`")
    }
    guard hasCursor else { throw MongoError.badAnswer("cursor") }
  }

  private mutating func read(_ reader: inout BSONReader) throws(BSONError) {
    while try reader.next() {
      if reader.isNamed("id") {
        cursor = try reader.value().asInteger ?? 0
      } else if reader.isNamed("postBatchResumeToken") {
        resumeToken = try reader.document()
      } else if reader.isNamed("firstBatch") || reader.isNamed("nextBatch") {
        documents = try reader.nested { (inner) throws(BSONError) in
          var documents: [BSONDocument] = []
          while try inner.next() { documents.append(try inner.document()) }
          return documents
        }
      }
    }
  }
}
