// Questions, insertions, updates and transactions.

public import ArchiveCore
import MongoDriver

extension MongoDocumentStore {
  /// One round trip for up to 16 MiB.
  ///
  /// An attempt whose answer was lost is repeated by the driver under the same number, and the server then tells what
  /// became of the first, so no insertion conflicts with itself. Where that fails too, it is `unavailable` and unknown:
  /// a caller that inserts again itself may find its own document.
  public func insert(_ documents: [Document], into collection: CollectionName)
    async throws(StoreError) -> InsertOutcome
  {
    _ = try await uniqueIndexes(of: collection)
    var encoded: [BSONDocument] = []
    encoded.reserveCapacity(documents.count)
    var invalid: StoreError?
    for document in documents {
      do throws(StoreError) {
        try document.checkStorable()
      } catch {
        invalid = error
        break
      }
      encoded.append(DocumentBSON.document(document))
    }
    if encoded.isEmpty { return InsertOutcome(insertedCount: 0, failure: invalid) }
    let outcome = try await insert(encoded, documents, into: collection)
    return InsertOutcome(
      insertedCount: outcome.insertedCount, failure: outcome.failure ?? invalid)
  }

  private func insert(
    _ encoded: [BSONDocument], _ documents: [Document], into collection: CollectionName
  ) async throws(StoreError) -> InsertOutcome {
    let name = collection.description
    return try await run { (connection) throws(StoreFailure) in
      let outcome = try driver { () throws(MongoError) in
        try connection.insert(encoded, into: name)
      }
      guard let failure = outcome.failure else {
        return InsertOutcome(insertedCount: outcome.insertedCount, failure: nil)
      }
      let error = failure.storeError
      guard error.kind == .conflict || error.kind == .invalid else { throw .decided(error) }
      guard let index = outcome.failedIndex, documents.indices.contains(index) else {
        throw .decided(error)
      }
      let named = try Self.named(error, documents[index], name, connection)
      return InsertOutcome(insertedCount: outcome.insertedCount, failure: named)
    }
  }

  /// MongoDB names any one of the indexes that forbid an insertion. A caller that tries an insertion again
  /// must learn that the very document is there, so the identifier goes first.
  private static func named(
    _ error: StoreError, _ document: Document, _ collection: String,
    _ connection: borrowing MongoConnection
  ) throws(StoreFailure) -> StoreError {
    guard error.kind == .conflict, error.index != "id" else { return error }
    let query = MongoQuery(
      collection, where: FilterBSON.document(.id(document.id ?? "")),
      projection: [StoredNames.identifier: 1], limit: 1)
    let taken = try driver { () throws(MongoError) in try connection.find(query) }
    return taken.isEmpty ? error : StoreError(.conflict, error.message, index: "id")
  }

  public func find(_ query: Query) async throws(StoreError) -> [Document] {
    try await find([query])[0]
  }

  public func find(_ queries: [Query]) async throws(StoreError) -> [[Document]] {
    var questions: [MongoQuery?] = []
    for query in queries { questions.append(try await question(query)) }
    if questions.allSatisfy({ $0 == nil }) { return queries.map { _ in [] } }
    let answers = try await run { [questions] (connection) throws(StoreFailure) in
      var answers: [[BSONDocument]] = []
      for question in questions {
        answers.append(
          try driver { () throws(MongoError) in
            if let question { try connection.find(question) } else { [] }
          })
      }
      return answers
    }
    var found: [[Document]] = []
    for answer in answers { found.append(try DocumentBSONReader.documents(answer)) }
    return found
  }

  /// The query as MongoDB is asked; `nil` where a limit of nothing needs no answer.
  func question(_ query: Query) async throws(StoreError) -> MongoQuery? {
    try query.checkUsable()
    let unique = try await uniqueIndexes(of: query.collection)
    // For MongoDB a limit of zero is none.
    if query.limit == 0 { return nil }
    let order = query.neededOrder(uniqueIndexes: unique)
    return MongoQuery(
      query.collection.description, where: FilterBSON.document(query.pagedFilter),
      sort: order.isEmpty ? nil : CollectionPreparation.order(order),
      limit: min(query.limit, Int(Int32.max)))
  }

  public func count(_ collection: CollectionName, where filter: Filter)
    async throws(StoreError) -> Int
  {
    try filter.checkUsable()
    _ = try await uniqueIndexes(of: collection)
    let condition = FilterBSON.document(filter)
    return try await run { (connection) throws(StoreFailure) in
      try driver { () throws(MongoError) in
        try connection.count(collection.description, where: condition)
      }
    }
  }

  @discardableResult
  public func update(_ update: Update) async throws(StoreError) -> UpdateOutcome {
    try update.checkUsable()
    let unique = try await uniqueIndexes(of: update.collection)
    let work = UpdateOnServer(update, uniqueIndexes: unique)
    let outcome = try await run { (connection) throws(StoreFailure) -> UpdateOutcome? in
      do throws(StoreFailure) {
        return try work.attempt(on: connection)
      } catch {
        if case .driver(let failure) = error, failure.kind == .transient { return nil }
        throw error
      }
    }
    if let outcome { return outcome }
    return try await runInTransaction { (connection) throws(StoreFailure) in
      try work.carryOut(inTransaction: connection)
    }
  }

  @discardableResult
  public func delete(_ collection: CollectionName, where filter: Filter)
    async throws(StoreError) -> Int
  {
    try filter.checkUsable()
    _ = try await uniqueIndexes(of: collection)
    let condition = FilterBSON.document(filter)
    // The deletion of one document may be repeated when its answer is lost, that of many may not.
    let isOfOne = FilterBounds(filter).fixesIdentifier
    return try await run { (connection) throws(StoreFailure) in
      try driver { () throws(MongoError) in
        try connection.delete(collection.description, where: condition, onlyFirst: isOfOne)
      }
    }
  }

  public func transact(_ steps: [TransactionStep]) async throws(StoreError) {
    for step in steps { try step.checkUsable() }
    var work: [StepOnServer] = []
    for step in steps { work.add(try await onServer(step)) }
    if work.isEmpty { return }
    try await runInTransaction { [work] (connection) throws(StoreFailure) in
      for step in work { try step.carryOut(connection) }
    }
  }

  private func onServer(_ step: TransactionStep) async throws(StoreError) -> StepOnServer {
    switch step {
    case .insert(let document, let collection):
      _ = try await uniqueIndexes(of: collection)
      return .insert([DocumentBSON.document(document)], into: collection.description)
    case .update(let update, let mustMatch):
      let unique = try await uniqueIndexes(of: update.collection)
      return .update(UpdateOnServer(update, uniqueIndexes: unique), mustMatch: mustMatch)
    case .delete(let collection, let filter):
      _ = try await uniqueIndexes(of: collection)
      return .delete(collection.description, where: FilterBSON.document(filter))
    case .expect(let collection, let filter):
      _ = try await uniqueIndexes(of: collection)
      return .expect(collection.description, where: FilterBSON.document(filter))
    }
  }
}
