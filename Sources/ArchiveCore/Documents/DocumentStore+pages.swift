// Going through all that satisfies a query, a page at a time.

extension DocumentStore {
  /// Visits the documents of the query and of every page behind it; `query.limit` is the size of a page.
  ///
  /// The next page is asked for after the visit, behind the last document of the page before.
  func forEachPage(
    of query: Query, _ visit: ([Document]) async throws(StoreError) -> Void
  ) async throws(StoreError) {
    var query = query
    while true {
      let page = try await find(query)
      try await visit(page)
      guard page.count == query.limit, let last = page.last else { return }
      query.after = query.cursor(behind: last)
    }
  }
}
