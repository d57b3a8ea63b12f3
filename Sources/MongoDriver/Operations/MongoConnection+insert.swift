// Inserting many documents at once.

/// How far an insertion came.
public struct MongoInsertOutcome: Sendable {
  /// How many documents are stored on the disks of the majority.
  public let insertedCount: Int
  /// The first that could not be inserted, counted from 0, and why; `nil` when all were. In order, all before it
  /// are stored and none after it.
  public let failedIndex: Int?
  public let failure: MongoError?
}

extension MongoConnection {
  /// The server's own limit of one document.
  public static var documentLimitBytes: Int { 16 * 1024 * 1024 }
  /// A command may have this many bytes of documents, names in the array included, and this many documents.
  private static var batchLimitBytes: Int { documentLimitBytes }
  private static var batchLimitDocuments: Int { 100_000 }

  /// Inserts documents: one round trip per 16 MiB.
  ///
  /// In order, it stops at the first that cannot be inserted; otherwise it goes on behind it.
  ///
  /// - Throws: what makes it unknown how far it came, or what kept the server from beginning at all.
  public func insert(
    _ documents: [BSONDocument], into collection: String, ordered: Bool = true
  ) throws(MongoError) -> MongoInsertOutcome {
    var (start, count) = (0, 0)
    var (failedIndex, failure): (Int?, MongoError?) = (nil, nil)
    while start < documents.count, failure == nil || !ordered {
      let (end, bytes) = Self.batch(documents, from: start)
      let outcome: MongoInsertOutcome
      do throws(MongoError) {
        outcome = try insertBatch(
          documents[start..<end], bytes: bytes, into: collection, ordered: ordered)
      } catch {
        // Some documents are in, and this error must not pass for «nothing happened».
        throw count > 0 ? error.asUnknownOutcome : error
      }
      count += outcome.insertedCount
      if failure == nil, let index = outcome.failedIndex {
        (failedIndex, failure) = (start + index, outcome.failure)
      }
      start = end
    }
    return MongoInsertOutcome(insertedCount: count, failedIndex: failedIndex, failure: failure)
  }

  /// Where the batch that begins there ends, and how many bytes it has.
  private static func batch(_ documents: [BSONDocument], from start: Int) -> (end: Int, bytes: Int)
  {
    var (end, bytes) = (start, 0)
    while end < documents.count, end - start < batchLimitDocuments {
      // A type, up to five digits and a zero in front of each document.
      let more = documents[end].bytes.count + 7
      if end > start && bytes + more > batchLimitBytes { break }
      (end, bytes) = (end + 1, bytes + more)
    }
    return (end, bytes)
  }

  private func insertBatch(
    _ documents: ArraySlice<BSONDocument>, bytes: Int, into collection: String, ordered: Bool
  ) throws(MongoError) -> MongoInsertOutcome {
    if documents.count == 1, let only = documents.first, only.bytes.count > Self.documentLimitBytes
    {
      let error = MongoError(
        .documentTooLarge, "a document is larger than a server takes bytes=`\(only.bytes.count)`")
      return MongoInsertOutcome(insertedCount: 0, failedIndex: 0, failure: error)
    }
    let answer = try send(.writesOnce, sizeHint: bytes + 512) { writer in
      writer.append("insert", collection)
      writer.append("ordered", ordered)
      writer.array("documents") { array in
        for document in documents { array.append(document) }
      }
    }
    guard let count = answer["n"]?.asInteger else { throw MongoError.badAnswer("n") }
    let failed = try firstWriteError(in: answer)
    return MongoInsertOutcome(
      insertedCount: Int(clamping: count), failedIndex: failed?.index, failure: failed?.error)
  }

  /// The first error that concerns a single document of a write. A transaction has failed with it.
  func firstWriteError(in answer: BSONDocument) throws(MongoError) -> (
    index: Int, error: MongoError
  )? {
    guard let first = answer["writeErrors"]?.asArray?.first else { return nil }
    guard let document = first.asDocument, let index = document["index"]?.asInteger else {
      throw MongoError.badAnswer("writeErrors")
    }
    var error = MongoError(serverReply: document)
    // The server gave up in the middle of its deadline or of its being primary: this one may be in.
    if error.leavesWriteOpen { error = error.asUnknownOutcome }
    transaction?.note(error)
    return (Int(clamping: index), error)
  }
}
