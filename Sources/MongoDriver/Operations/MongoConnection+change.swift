// Changing and deleting documents.

/// What an update touched.
public struct MongoUpdateOutcome: Sendable {
  /// How many documents satisfied the filter.
  public let matchedCount: Int
  /// How many of them are different now.
  public let modifiedCount: Int
  /// The identifier of the document that was inserted because none satisfied the filter.
  public let upsertedID: BSONValue?
}

extension MongoConnection {
  /// Changes the first document that satisfies the filter, or all.
  /// - Throws: with `multi`, `unknownOutcome` when the connection breaks: the server cannot tell a repetition.
  @discardableResult
  public func update(
    _ collection: String, where filter: BSONDocument, _ update: BSONDocument, multi: Bool = false,
    upsert: Bool = false
  ) throws(MongoError) -> MongoUpdateOutcome {
    let answer = try send(multi ? .writes : .writesOnce) { writer in
      writer.append("update", collection)
      writer.array("updates") { array in
        array.document { writer in
          writer.append("q", filter)
          writer.append("u", update)
          if multi { writer.append("multi", true) }
          if upsert { writer.append("upsert", true) }
        }
      }
    }
    let count = try changedCount(in: answer)
    let inserted = answer["upserted"]?.asArray?.first?.asDocument?["_id"]
    return MongoUpdateOutcome(
      matchedCount: inserted == nil ? count : 0,
      modifiedCount: Int(clamping: answer["nModified"]?.asInteger ?? 0), upsertedID: inserted)
  }

  /// Changes one document and gives it as it was, or as it is; `nil` where there is none.
  public func findAndModify(
    _ collection: String, where filter: BSONDocument, sort: BSONDocument? = nil,
    update: BSONDocument, upsert: Bool = false, returnsNew: Bool = true
  ) throws(MongoError) -> BSONDocument? {
    let answer = try send(.writesOnce) { writer in
      writer.append("findAndModify", collection)
      writer.append("query", filter)
      if let sort { writer.append("sort", sort) }
      writer.append("update", update)
      writer.append("new", returnsNew)
      if upsert { writer.append("upsert", true) }
    }
    return answer["value"]?.asDocument
  }

  /// Deletes the first document that satisfies the filter, or all; gives how many.
  /// - Throws: for all, `unknownOutcome` when the connection breaks.
  @discardableResult
  public func delete(_ collection: String, where filter: BSONDocument, onlyFirst: Bool = false)
    throws(MongoError) -> Int
  {
    let answer = try send(onlyFirst ? .writesOnce : .writes) { writer in
      writer.append("delete", collection)
      writer.array("deletes") { array in
        array.document { writer in
          writer.append("q", filter)
          writer.append("limit", Int32(onlyFirst ? 1 : 0))
        }
      }
    }
    return try changedCount(in: answer)
  }

  /// `n`, unless a write error says that it did not come to an end. Such an error after some documents were
  /// changed leaves the outcome unknown.
  private func changedCount(in answer: BSONDocument) throws(MongoError) -> Int {
    guard let count = answer["n"]?.asInteger else { throw MongoError.badAnswer("n") }
    if let failed = try firstWriteError(in: answer) {
      throw count > 0 ? failed.error.asUnknownOutcome : failed.error
    }
    return Int(clamping: count)
  }
}
