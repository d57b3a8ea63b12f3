// A question to a document store: filter, order, page.

/// One field of an order.
public struct SortKey: Hashable, Sendable {
  public let path: FieldPath
  public let descending: Bool

  public static func ascending(_ path: FieldPath) -> SortKey {
    SortKey(path: path, descending: false)
  }
  public static func descending(_ path: FieldPath) -> SortKey {
    SortKey(path: path, descending: true)
  }
}

/// Documents of one collection that satisfy a filter, in an order, at most so many.
///
/// The order always ends with the identifier (ascending, unless the query names `id` itself), so it is total.
/// A field that is sorted by holds scalars of one type, or is missing; missing sorts before everything.
public struct Query: Sendable {
  public var collection: CollectionName
  public var filter: Filter
  public var sort: [SortKey]
  public var limit: Int
  /// Where the page before this one ended.
  public var after: PageCursor?

  public init(
    _ collection: CollectionName, where filter: Filter = .everything, sort: [SortKey] = [],
    limit: Int, after: PageCursor? = nil
  ) {
    (self.collection, self.filter, self.sort, self.limit, self.after) =
      (collection, filter, sort, limit, after)
  }

  /// The order with the identifier at its end.
  public var totalOrder: [SortKey] {
    sort.contains { $0.path == "id" } ? sort : sort + [.ascending("id")]
  }

  /// The filter together with «behind the cursor», which is how every engine pages (keyset, never offset).
  public var pagedFilter: Filter {
    guard let after else { return filter }
    return .and([filter, after.filter(for: totalOrder)])
  }

  /// The cursor that continues behind `document`.
  public func cursor(behind document: Document) -> PageCursor {
    PageCursor(values: totalOrder.map { document[$0.path] })
  }
}

/// The place of one document in an order: its value for each sort key.
public struct PageCursor: Hashable, Sendable {
  public let values: [DocumentValue?]

  public init(values: [DocumentValue?]) { self.values = values }

  /// The documents strictly behind this place.
  func filter(for order: [SortKey]) -> Filter {
    guard values.count == order.count else { return .nothing }
    var alternatives: [Filter] = []
    var equalSoFar: [Filter] = []
    for (key, value) in zip(order, values) {
      alternatives.append(.and(equalSoFar + [Self.behind(key, value)]))
      equalSoFar.append(value.map { .equal(key.path, $0) } ?? .missing(key.path))
    }
    // The first key's bound again, in front: it lets an engine start inside its index.
    guard let first = order.first, let value = values[0] else { return .or(alternatives) }
    let bound: Filter =
      first.descending
      ? .or([.lessOrEqual(first.path, value), .missing(first.path)])
      : .greaterOrEqual(first.path, value)
    return first.descending && first.path != "id"
      ? .or(alternatives) : .and([bound, .or(alternatives)])
  }

  private static func behind(_ key: SortKey, _ value: DocumentValue?) -> Filter {
    switch (value, key.descending) {
    case (let value?, false): .greater(key.path, value)
    case (let value?, true): .or([.less(key.path, value), .missing(key.path)])
    case (nil, false): .exists(key.path)
    case (nil, true): .nothing
    }
  }
}
