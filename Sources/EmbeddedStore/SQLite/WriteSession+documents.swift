// The writes themselves, on the writer's thread and inside a transaction.

import ArchiveCore

/// A document as it goes into its table.
struct EncodedDocument: Sendable {
  let id: [UInt8]
  let json: [UInt8]

  /// Checks and encodes; done by the asking task, so that the writer's thread need not.
  init(_ document: Document) throws(StoreError) {
    try document.checkStorable()
    id = DocumentJSON.comparable(document.id ?? "")
    json = DocumentJSON.bytes(of: document)
  }
}

extension WriteSession {
  func insert(_ documents: [Document], encoded: [EncodedDocument], into collection: CollectionName)
    throws(StoreError) -> InsertOutcome
  {
    let statement = try connection.statement(
      "INSERT INTO \(CollectionTable.name(collection)) (id, document) VALUES (?, ?)")
    for index in encoded.indices {
      do throws(StoreError) {
        try insert(encoded[index], with: statement)
      } catch {
        guard error.kind == .conflict || error.kind == .invalid else { throw error }
        return InsertOutcome(
          insertedCount: index, failure: try named(error, encoded[index], collection))
      }
      note(.inserted, documents[index], in: collection)
    }
    return InsertOutcome(insertedCount: encoded.count, failure: nil)
  }

  func insert(_ document: Document, into collection: CollectionName) throws(StoreError) {
    let encoded = try EncodedDocument(document)
    let outcome = try insert([document], encoded: [encoded], into: collection)
    if let failure = outcome.failure { throw failure }
  }

  private func insert(_ document: EncodedDocument, with statement: SQLiteStatement)
    throws(StoreError)
  {
    defer { statement.reset() }
    try statement.bind(text: document.id[...], at: 1)
    try statement.bind(text: document.json[...], at: 2)
    _ = try statement.step()
  }

  /// SQLite names any one of the indexes that forbid an insert. A caller that tries an insert again
  /// must learn that the very document is there, so the identifier goes first.
  private func named(_ error: StoreError, _ document: EncodedDocument, _ collection: CollectionName)
    throws(StoreError) -> StoreError
  {
    guard error.kind == .conflict, error.index != "id" else { return error }
    let taken = try connection.integer(
      "SELECT count(*) FROM \(CollectionTable.name(collection)) WHERE id = ?", [.text(document.id)])
    return taken == 0 ? error : StoreError(.conflict, error.message, index: "id")
  }

  func update(_ update: Update) throws(StoreError) -> UpdateOutcome {
    switch update.extent {
    case .all: return try updateAll(update)
    case .first, .upsert: break
    }
    if let before = try first(1, update).first {
      let after = try change(before, update)
      return UpdateOutcome(matchedCount: 1, before: before, after: after)
    }
    guard case .upsert(let missed) = update.extent else { return UpdateOutcome(matchedCount: 0) }
    let document = try missed.applying(update.changes)
    try insert(document, into: update.collection)
    return UpdateOutcome(matchedCount: 1, before: nil, after: document)
  }

  /// In the order of the identifier, some at a time, so that memory stays bounded.
  private func updateAll(_ update: Update) throws(StoreError) -> UpdateOutcome {
    var matched = 0
    var rest = update
    var last = DocumentValue.string("")
    while true {
      let batch = try first(200, rest)
      for before in batch { _ = try change(before, update) }
      matched += batch.count
      guard batch.count == 200 else { return UpdateOutcome(matchedCount: matched) }
      // A damaged row could name another identifier than its own and lead round in a circle.
      guard let id = batch.last?["id"], let order = last.order(against: id), order < 0 else {
        throw StoreError(.corrupt, "a stored document is damaged field=`id`")
      }
      last = id
      rest.filter = .and([update.filter, .greater("id", id)])
    }
  }

  private func first(_ count: Int, _ update: Update) throws(StoreError) -> [Document] {
    try DocumentQuery(Query(update.collection, where: update.filter, limit: count))
      .documents(on: connection)
  }

  private func change(_ before: Document, _ update: Update) throws(StoreError) -> Document {
    let after = try before.applying(update.changes)
    if after == before { return after }
    let encoded = try EncodedDocument(after)
    try connection.run(
      "UPDATE \(CollectionTable.name(update.collection)) SET document = ? WHERE id = ?",
      [.text(encoded.json), .text(encoded.id)])
    note(.changed, after, in: update.collection)
    return after
  }

  func delete(_ collection: CollectionName, where filter: Filter) throws(StoreError) -> Int {
    let condition = FilterSQL(filter)
    try connection.run(
      "DELETE FROM \(CollectionTable.name(collection)) WHERE \(condition.sql)", condition.values)
    return connection.changedRowCount
  }

  func carryOut(_ step: TransactionStep) throws(StoreError) {
    switch step {
    case .insert(let document, let collection): try insert(document, into: collection)
    case .update(let update, let mustMatch):
      let outcome = try self.update(update)
      if mustMatch && outcome.matchedCount == 0 { throw Self.unexpected(update.collection) }
    case .delete(let collection, let filter): _ = try delete(collection, where: filter)
    case .expect(let collection, let filter):
      let found = try DocumentQuery(Query(collection, where: filter, limit: 1))
        .documents(on: connection)
      if found.isEmpty { throw Self.unexpected(collection) }
    }
  }

  private static func unexpected(_ collection: CollectionName) -> StoreError {
    StoreError(.conflict, "no document is as a transaction expects collection=`\(collection)`")
  }
}
