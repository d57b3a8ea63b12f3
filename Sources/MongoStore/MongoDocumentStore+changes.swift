// The stream of inserted and changed documents.

public import ArchiveCore
import Encodings
import MongoDriver

extension MongoDocumentStore {
  /// The changes that any process makes, from MongoDB's own log, which keeps them for hours to days.
  ///
  /// A changed document is shown as it is when the change is read: where several changes follow each other, the
  /// first may already show what the last one made, and a change to a document that is gone by then is left out.
  /// An inserted document is shown as it was inserted. A reader that is slow is waited for.
  public func changes(of collection: CollectionName, since position: ChangePosition?)
    async throws(StoreError) -> AsyncThrowingStream<CollectionChange, any Error>
  {
    _ = try await uniqueIndexes(of: collection)
    var request = MongoChangeRequest(collection.description)
    request.pipeline = [Self.wanted]
    if let position { request.start = .after(try Self.token(of: position, collection)) }
    let stream: MongoChangeStream
    do throws(MongoError) {
      stream = try await client.changes(request)
    } catch {
      // Codes for tokens that cannot be read are many, and of no other use.
      guard position != nil, error.kind == .serverFailed || error.kind == .invalid else {
        throw error.storeError
      }
      throw Self.foreign
    }
    // Pulled by the reader; letting go of the stream closes it.
    return AsyncThrowingStream { () async throws -> CollectionChange? in
      while let change = try await Self.next(of: stream) {
        if let shown = try Self.shown(change, of: collection) { return shown }
      }
      return nil
    }
  }

  private static func next(of stream: MongoChangeStream) async throws(StoreError) -> MongoChange? {
    do throws(MongoError) {
      return try await stream.next()
    } catch {
      throw error.storeError
    }
  }

  /// `nil` for what is no insertion or change, or shows nothing.
  private static func shown(_ change: MongoChange, of collection: CollectionName)
    throws(StoreError) -> CollectionChange?
  {
    let kind: CollectionChange.Kind
    switch change.kind {
    case .inserted: kind = .inserted
    case .updated, .replaced: kind = .changed
    case .invalidated:
      throw StoreError(
        .refused, "the collection was removed collection=`\(collection)`",
        hint: "start anew after it was prepared again")
    case .deleted, .other: return nil
    }
    guard let document = change.document else { return nil }
    return CollectionChange(
      kind: kind, document: try DocumentBSONReader.document(document),
      position: ChangePosition(
        token: "\(collection)-\(Hex.text(change.position.bytes))"))
  }

  private static func token(of position: ChangePosition, _ collection: CollectionName)
    throws(StoreError) -> BSONDocument
  {
    let prefix = "\(collection)-"
    guard position.token.utf8.starts(with: prefix.utf8),
      let bytes = Hex.bytes(String(position.token.dropFirst(prefix.count)))
    else { throw foreign }
    do throws(BSONError) {
      return try BSONDocument(checking: bytes)
    } catch {
      throw foreign
    }
  }

  private static var foreign: StoreError {
    StoreError(
      .refused, "a position in the changes is of another store",
      hint: "read the collection and start anew")
  }

  /// Insertions and changes, but not those by which a transaction only expects a document (`StoredNames.touches`).
  private static var wanted: BSONDocument {
    let updated: BSONValue = "$updateDescription.updatedFields"
    let onlyTouched: BSONValue = [
      "operationType": "update",
      "$expr": [
        "$eq": [
          ["$map": ["input": ["$objectToArray": updated], "in": "$$this.k"]],
          [.string(StoredNames.touches)],
        ]
      ],
    ]
    return [
      "$match": [
        "operationType": ["$in": ["insert", "update", "replace", "invalidate"]],
        "$nor": [onlyTouched],
      ]
    ]
  }
}
