// One collection of the oracle.

import ArchiveCore

/// Documents in the order of their identifiers' bytes, and what must be unique.
struct MemoryCollection {
  private(set) var inOrder: [Document] = []
  private var indexes: [CollectionIndex] = []

  mutating func add(_ index: CollectionIndex) throws(StoreError) {
    if let present = indexes.first(where: { $0.name == index.name }) {
      guard present == index else {
        throw StoreError(.refused, "an index exists with another definition index=`\(index.name)`")
      }
      return
    }
    indexes.append(index)
    for document in inOrder { try checkUnique(document) }
  }

  mutating func insert(_ document: Document) throws(StoreError) {
    try document.checkStorable()
    let (place, isTaken) = place(of: document)
    if isTaken { throw StoreError(.conflict, "the identifier is taken", index: "id") }
    try checkUnique(document)
    inOrder.insert(document, at: place)
  }

  mutating func replace(_ before: Document, with after: Document) throws(StoreError) {
    try after.checkStorable()
    try checkUnique(after)
    inOrder[place(of: before).index] = after
  }

  mutating func remove(_ document: Document) { inOrder.remove(at: place(of: document).index) }

  /// Where the document is, or would be. Not by `String`'s own order, which is not that of the bytes.
  private func place(of document: Document) -> (index: Int, isTaken: Bool) {
    let id = DocumentValue.string(document.id ?? "")
    var (low, high) = (0, inOrder.count)
    while low < high {
      let middle = (low + high) / 2
      let order = DocumentValue.string(inOrder[middle].id ?? "").order(against: id) ?? 0
      if order == 0 { return (middle, true) }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return (low, false)
  }

  private func checkUnique(_ document: Document) throws(StoreError) {
    for index in indexes where index.kind == .unique {
      let values = index.keys.map { document[$0.path] }
      if values.contains(nil) { continue }
      for other in inOrder where other["id"] != document["id"] {
        if zip(index.keys, values).allSatisfy({ other[$0.path] == $1 }) {
          throw StoreError(.conflict, "a unique index forbids it", index: index.name)
        }
      }
    }
  }
}
