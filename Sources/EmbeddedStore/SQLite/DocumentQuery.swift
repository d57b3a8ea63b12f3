// A query as a SELECT.

import ArchiveCore

/// The SQL of a query; made by the asking task, run on a connection's thread.
struct DocumentQuery: Sendable {
  let sql: String
  let values: [SQLValue]

  init(_ query: Query) {
    let condition = FilterSQL(query.pagedFilter)
    let order = query.totalOrder.map { key in
      FilterSQL.value(at: key.path) + (key.descending ? " DESC" : "")
    }
    sql =
      "SELECT document FROM \(CollectionTable.name(query.collection)) WHERE \(condition.sql) "
      + "ORDER BY \(order.joined(separator: ", ")) LIMIT ?"
    values = condition.values + [.integer(Int64(query.limit))]
  }

  func documents(on connection: SQLiteConnection) throws(StoreError) -> [Document] {
    var documents: [Document] = []
    try connection.forEachRow(sql, values) { (row) throws(StoreError) in
      documents.append(try DocumentJSONReader.document(row.bytes(0)))
    }
    return documents
  }
}
