// SQLite and the oracle answer alike, whatever they are asked.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@testable import EmbeddedStore

@Suite("SQLite against the oracle")
struct DocumentStoreDifferentialTests {
  private static let operations =
    ProcessInfo.processInfo.environment["ARCHIVE_DIFFERENTIAL_OPERATIONS"].flatMap { Int($0) }
    ?? 100_000

  @Test("random operations have the same results and the same errors")
  func differential() async throws {
    var random = RandomDocuments(SeededGenerator.fromEnvironment("differential"))
    try await withTemporaryDirectory { directory in
      var settings = SQLiteSettings()
      settings.isDurable = false
      let sqlite = try SQLiteDocumentStore(
        directory: directory, surroundings: ManualSurroundings().surroundings, settings: settings)
      let oracle = InMemoryDocumentStore()
      for store in [sqlite, oracle] as [any DocumentStore] {
        try await store.prepare([RandomDocuments.schema])
      }
      for number in 0..<Self.operations {
        let operation = random.operation()
        let expected = await operation.answer(of: oracle)
        let actual = await operation.answer(of: sqlite)
        if expected != actual {
          Issue.record("operation \(number): \(operation)\noracle: \(expected)\nsqlite: \(actual)")
          break
        }
        random.learn(from: expected)
        if number % 500 == 499 {
          let everything = Operation.find(Query("random", limit: .max))
          let whole = await everything.answer(of: oracle)
          #expect(await everything.answer(of: sqlite) == whole)
          random.learn(from: whole)
        }
      }
      await sqlite.close()
    }
  }
}

/// One call of the port.
enum Operation: CustomStringConvertible {
  case insert([Document])
  case find(Query)
  case count(Filter)
  case update(Update)
  case delete(Filter)
  case transact([TransactionStep])

  var description: String {
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
  struct Answer: Equatable, CustomStringConvertible {
    var count = 0
    var documents: [Document] = []
    var failure: StoreError.Kind?
    var index: String?

    var description: String {
      "count \(count) failure \(String(describing: failure)) index \(index ?? "-") \(documents)"
    }
  }

  func answer(of store: any DocumentStore) async -> Answer {
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
