// An update, as the server carries it out.

import ArchiveCore
import MongoDriver

/// One update on its way to MongoDB: made by the asking task, carried out on a thread of the driver.
///
/// Where MongoDB's operators mean the same, they do it (`NativeUpdate`). Otherwise the document is read,
/// changed as the definition says, and written back, in a transaction: should anybody change it meanwhile, the server
/// ends the transaction and the driver does it again.
struct UpdateOnServer: Sendable {
  let update: Update
  private let collection: String
  private let filter: BSONDocument
  private let native: NativeUpdate?
  /// The filter names the one document that it can mean.
  private let isOfOne: Bool
  private let touchesUnique: Bool

  /// Documents that are read and written back at a time.
  private static let pageSize = 200

  /// The caller has asked `checkUsable`.
  init(_ update: Update, uniqueIndexes: [CollectionIndex]) {
    self.update = update
    collection = update.collection.description
    filter = FilterBSON.document(update.filter)
    native = NativeUpdate(update.changes)
    isOfOne = FilterBounds(update.filter).fixesIdentifier
    let unique = Set(uniqueIndexes.flatMap(\.keys).map { $0.path.names[0] })
    touchesUnique = update.changes.contains { unique.contains($0.path.names[0]) }
  }

  /// Does it with single operations; `nil` where that would not be exact, and a transaction is needed. Throws
  /// `transient` where another upsert was faster, and a transaction can do it again.
  func attempt(on connection: borrowing MongoConnection) throws(StoreFailure) -> UpdateOutcome? {
    guard let native else { return nil }
    if case .all = update.extent { return try changeAll(native, connection) }
    // Of several documents the first is meant, not the first that the change fits.
    guard isOfOne || native.guards.isEmpty else { return nil }
    let found = try driver { () throws(MongoError) in
      try connection.findAndModify(
        collection, where: FilterBSON.document(update.filter, and: native.guards),
        sort: isOfOne ? nil : Self.byIdentifier, update: native.operators, returnsNew: false)
    }
    if let found {
      return try decision { () throws(StoreError) in
        let before = try DocumentBSONReader.document(found)
        let after = try before.applying(update.changes)
        return UpdateOutcome(matchedCount: 1, before: before, after: after)
      }
    }
    // No document, or one that the change does not fit.
    guard native.guards.isEmpty else { return nil }
    return try insertOnMiss(connection)
  }

  /// Does it in a transaction, in which it may be one step of several.
  func carryOut(inTransaction connection: borrowing MongoConnection) throws(StoreFailure)
    -> UpdateOutcome
  {
    if let outcome = try attempt(on: connection) { return outcome }
    if case .all = update.extent { return try rewriteAll(connection) }
    guard let found = try first(1, update.filter, connection).first else {
      return try insertOnMiss(connection)
    }
    let after = try rewrite(found, connection)
    return UpdateOutcome(matchedCount: 1, before: found, after: after)
  }

  private static let byIdentifier: BSONDocument = ["_id": 1]

  private func insertOnMiss(_ connection: borrowing MongoConnection) throws(StoreFailure)
    -> UpdateOutcome
  {
    guard case .upsert(let missed) = update.extent else { return UpdateOutcome(matchedCount: 0) }
    let document = try decision { () throws(StoreError) in
      let document = try missed.applying(update.changes)
      try document.checkStorable()
      return document
    }
    let outcome = try driver { () throws(MongoError) in
      try connection.insert([DocumentBSON.document(document)], into: collection)
    }
    if let failure = outcome.failure { throw .driver(Self.raced(failure)) }
    return UpdateOutcome(matchedCount: 1, before: nil, after: document)
  }

  /// Somebody inserted the document between our look and our insertion: then it is there to be changed, and
  /// all is to be done again.
  private static func raced(_ failure: MongoError) -> MongoError {
    guard failure.kind == .duplicateKey, failure.storedIndex == "id" else { return failure }
    return MongoError(.transient, "another upsert of the same document was faster")
  }

  /// All documents with one command, where none of them can refuse the change and so leave it half done.
  ///
  /// A change of type between the look and the command counts as having come after it.
  private func changeAll(_ native: NativeUpdate, _ connection: borrowing MongoConnection)
    throws(StoreFailure) -> UpdateOutcome?
  {
    if native.mayFail || touchesUnique { return nil }
    if !native.guards.isEmpty {
      let unfit = MongoQuery(
        collection,
        where: [
          "$and": [
            .document(filter),
            ["$nor": [["$and": .array(native.guards.map(BSONValue.document))]]],
          ]
        ], limit: 1)
      guard try driver({ () throws(MongoError) in try connection.find(unfit) }).isEmpty else {
        return nil
      }
    }
    let outcome = try driver { () throws(MongoError) in
      try connection.update(
        collection, where: FilterBSON.document(update.filter, and: native.guards),
        native.operators, multi: true)
    }
    return UpdateOutcome(matchedCount: outcome.matchedCount)
  }

  /// In the order of the identifier, some at a time, so that memory stays bounded.
  private func rewriteAll(_ connection: borrowing MongoConnection) throws(StoreFailure)
    -> UpdateOutcome
  {
    var (matched, rest) = (0, update.filter)
    while true {
      let page = try first(Self.pageSize, rest, connection)
      for before in page { _ = try rewrite(before, connection) }
      matched += page.count
      guard page.count == Self.pageSize, let last = page.last?["id"] else {
        return UpdateOutcome(matchedCount: matched)
      }
      rest = .and([update.filter, .greater("id", last)])
    }
  }

  private func first(_ count: Int, _ filter: Filter, _ connection: borrowing MongoConnection)
    throws(StoreFailure) -> [Document]
  {
    let found = try driver { () throws(MongoError) in
      try connection.find(
        MongoQuery(
          collection, where: FilterBSON.document(filter), sort: Self.byIdentifier, limit: count))
    }
    return try decision { () throws(StoreError) in try DocumentBSONReader.documents(found) }
  }

  private func rewrite(_ before: Document, _ connection: borrowing MongoConnection)
    throws(StoreFailure) -> Document
  {
    let after = try decision { () throws(StoreError) in
      let after = try before.applying(update.changes)
      try after.checkStorable()
      return after
    }
    if after == before { return after }
    _ = try driver { () throws(MongoError) in
      try connection.update(
        collection, where: FilterBSON.document(.id(before.id ?? "")),
        DocumentBSON.document(after))
    }
    return after
  }
}
