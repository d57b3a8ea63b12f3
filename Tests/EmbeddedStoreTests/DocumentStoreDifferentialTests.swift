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
        try await store.prepare([RandomDocuments.schema(isExpiring: true)])
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
          let everything = RandomOperation.find(Query("random", limit: .max))
          let whole = await everything.answer(of: oracle)
          #expect(await everything.answer(of: sqlite) == whole)
          random.learn(from: whole)
        }
      }
      await sqlite.close()
    }
  }
}
