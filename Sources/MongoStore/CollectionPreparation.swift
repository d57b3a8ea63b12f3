// Creating collections and indexes, and looking whether those that are there are as declared.

import ArchiveCore
import MongoDriver

/// What a collection is in MongoDB: compared by bytes (the simple collation), and an index per declaration.
///
/// - A plain index ends with `_id`, so that it serves the total order of every query that follows it.
/// - A unique one holds only the documents that have all its fields, because MongoDB takes missing for a value. What it
///   costs: a query is served by it only where all its fields are bound.
/// - An expiring one lets the server remove what has passed, about once a minute.
struct CollectionPreparation: Sendable {
  let schema: CollectionSchema
  private let name: String
  private let indexes: [BSONDocument]

  init(_ schema: CollectionSchema) {
    self.schema = schema
    name = schema.name.description
    indexes = schema.indexes.map(Self.definition)
  }

  static func definition(_ index: CollectionIndex) -> BSONDocument {
    var keys = index.keys
    if index.kind == .plain && !keys.contains(where: { $0.path == "id" }) {
      keys.append(.ascending("id"))
    }
    return BSONDocument { writer in
      writer.append("key", Self.order(keys))
      writer.append("name", index.name)
      switch index.kind {
      case .plain: break
      case .expiring: writer.append("expireAfterSeconds", Int32(0))
      case .unique:
        writer.append("unique", true)
        writer.document("partialFilterExpression") { condition in
          for key in index.keys {
            condition.document(StoredNames.path(key.path)) { $0.append("$exists", true) }
          }
        }
      }
    }
  }

  /// An order, or the keys of an index.
  static func order(_ keys: [SortKey]) -> BSONDocument {
    BSONDocument { writer in
      for key in keys { writer.append(StoredNames.path(key.path), Int32(key.descending ? -1 : 1)) }
    }
  }

  /// Creates what is missing; `refused` where something else has the name.
  ///
  /// - Parameter present: what `listCollections` says.
  func prepare(_ present: [BSONDocument], on connection: borrowing MongoConnection)
    throws(StoreFailure)
  {
    if let found = present.first(where: { $0["name"]?.asString == name }) {
      try check(found)
    } else {
      try create(on: connection)
    }
    let known = try driver { () throws(MongoError) in try connection.listIndexes(name) }
    var missing: [BSONDocument] = []
    for definition in indexes {
      let wanted = definition["name"]?.asString
      if let found = known.first(where: { $0["name"]?.asString == wanted }) {
        guard Self.isSame(found, definition) else { throw otherwise(wanted) }
      } else {
        missing.append(definition)
      }
    }
    if missing.isEmpty { return }
    do throws(MongoError) {
      try connection.createIndexes(name, missing)
    } catch {
      // IndexOptionsConflict, IndexKeySpecsConflict: the same keys under another name, for one.
      guard error.code == 85 || error.code == 86 else { throw .driver(error) }
      throw otherwise(missing.compactMap { $0["name"]?.asString }.joined(separator: ", "))
    }
  }

  private func create(on connection: borrowing MongoConnection) throws(StoreFailure) {
    do throws(MongoError) {
      _ = try connection.run([
        "create": .string(name), "writeConcern": ["w": "majority", "j": true],
      ])
    } catch {
      // NamespaceExists: another process was faster.
      guard error.code == 48 else { throw .driver(error) }
    }
  }

  /// A view, a capped collection, or one that compares by a language's rules is not what we rely on.
  private func check(_ found: BSONDocument) throws(StoreFailure) {
    let options = found["options"]?.asDocument ?? BSONDocument()
    guard found["type"]?.asString == "collection", options["collation"] == nil,
      options["capped"]?.asBool != true
    else {
      throw .decided(
        StoreError(
          .refused, "a collection is defined otherwise collection=`\(name)`",
          hint: "use another database"))
    }
  }

  /// Compares all that a definition has, whatever the server adds to it or writes in another type of number.
  private static func isSame(_ found: BSONDocument, _ definition: BSONDocument) -> Bool {
    let options = [
      "unique", "expireAfterSeconds", "partialFilterExpression", "sparse", "hidden", "collation",
    ]
    return order(found) == order(definition)
      && options.allSatisfy { comparable(found[$0]) == comparable(definition[$0]) }
  }

  private static func order(_ definition: BSONDocument) -> [String] {
    do throws(BSONError) {
      let keys = try definition["key"]?.asDocument?.elements() ?? []
      return keys.map { "\($0.name) \($0.value.asInteger ?? 0)" }
    } catch {
      return []
    }
  }

  private static func comparable(_ value: BSONValue?) -> BSONValue? {
    switch value {
    case .bool(false): nil
    case .int32(let number): .int64(Int64(number))
    case .double: value?.asInteger.map(BSONValue.int64) ?? value
    default: value
    }
  }

  private func otherwise(_ index: String?) -> StoreFailure {
    .decided(
      StoreError(
        .refused,
        "the database defines it otherwise collection=`\(name)` index=`\(index ?? "")`",
        hint: "give a changed index another name"))
  }
}
