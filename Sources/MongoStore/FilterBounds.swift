// What a filter says about every document that satisfies it.

import ArchiveCore

/// The fields that all matching documents have, and those that have one value in all of them.
///
/// Only conditions that stand in the outermost «and» count: enough for the questions that we ask.
struct FilterBounds {
  private(set) var present: Set<FieldPath> = []
  private(set) var fixed: Set<FieldPath> = []

  init(_ filter: Filter) { add(filter) }

  /// At most one document matches, by its identifier.
  var fixesIdentifier: Bool { fixed.contains("id") }

  private mutating func add(_ filter: Filter) {
    switch filter {
    case .equal(let path, _):
      present.insert(path)
      fixed.insert(path)
    case .oneOf(let path, _), .less(let path, _), .lessOrEqual(let path, _), .greater(let path, _),
      .greaterOrEqual(let path, _), .exists(let path), .contains(let path, _), .prefix(let path, _):
      present.insert(path)
    case .and(let filters): for filter in filters { add(filter) }
    case .everything, .nothing, .missing, .or, .not: break
    }
  }
}

extension Query {
  /// As much of the total order as it takes to order the documents that the filter leaves.
  ///
  /// The server knows nothing of uniqueness: asked to sort by a unique field and then by the identifier, it would not
  /// take the index's order but sort in memory. Behind the last field of a unique index nothing is left to order.
  func neededOrder(uniqueIndexes: [CollectionIndex]) -> [SortKey] {
    let bounds = FilterBounds(filter)
    var decided = bounds.fixed
    var order: [SortKey] = []
    let unique: [[FieldPath]] =
      [["id"]]
      + uniqueIndexes.map { $0.keys.map(\.path) }.filter { bounds.present.isSuperset(of: $0) }
    for key in totalOrder {
      if unique.contains(where: { decided.isSuperset(of: $0) }) { break }
      if !decided.insert(key.path).inserted { continue }
      order.append(key)
    }
    return order
  }
}
