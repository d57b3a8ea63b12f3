// One call of the document port, and everything that a caller sees of its result.

public import ArchiveCore

/// One call of the port.
public enum RandomOperation: Sendable, CustomStringConvertible {
  case insert([Document])
  case find(Query)
  case count(Filter)
  case update(Update)
  case delete(Filter)
  case transact([TransactionStep])

  public var description: String {
    switch self {
    case .insert(let documents): "insert \(documents)"
    case .find(let query): "find \(query)"
    case .count(let filter): "count \(filter)"
    case .update(let update): "update \(update)"
    case .delete(let filter): "delete \(filter)"
    case .transact(let steps): "transact \(steps)"
    }
  }

  /// Everything that a caller could see of the result; of an error its kind and index.
  public struct Answer: Equatable, Sendable, CustomStringConvertible {
    public var count = 0
    public var documents: [Document] = []
    public var failure: StoreError.Kind?
    public var index: String?

    public var description: String {
      "count \(count) failure \(String(describing: failure)) index \(index ?? "-") \(documents)"
    }
  }

  public func answer(of store: any DocumentStore) async -> Answer {
    do throws(StoreError) {
      switch self {
      case .insert(let documents):
        let outcome = try await store.insert(documents, into: "random")
        return Answer(
          count: outcome.insertedCount, failure: outcome.failure?.kind,
          index: outcome.failure?.index)
      case .find(let query):
        let found = try await store.find(query)
        return Answer(count: found.count, documents: found)
      case .count(let filter):
        return Answer(count: try await store.count("random", where: filter))
      case .update(let update):
        let outcome = try await store.update(update)
        return Answer(
          count: outcome.matchedCount, documents: [outcome.before, outcome.after].compactMap { $0 })
      case .delete(let filter):
        return Answer(count: try await store.delete("random", where: filter))
      case .transact(let steps):
        try await store.transact(steps)
        return Answer()
      }
    } catch {
      return Answer(failure: error.kind, index: error.index)
    }
  }
}
